import { lockFile } from './lock-file.ts'

const names = [
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'pylock.toml',
  'mix.lock',
  'rebar.lock',
  'pubspec.lock',
  'Podfile.lock',
  'Package.resolved',
  'Cartfile.resolved',
  'conan.lock',
  'packages.config',
  'paket.lock',
  'renv.lock',
  'pixi.lock',
  'conda-lock.yml',
  'stack.yaml.lock',
  'cabal.project.freeze',
  'gopkg.lock',
]

/** Lock files of programs whose packages are not read here: named, so that nobody takes them for none. */
export const unreadLock = lockFile(new RegExp(`^(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`, 'i'), () => ({
  packages: [],
  unscannable: 'lock files of this kind are not read here',
}))
