import * as v from 'valibot'
import type { Told } from '../cataloguer.ts'
import { type LockFile, lockFile } from './lock-file.ts'
import { tomlDocument } from './toml.ts'

/** A file in which people write what a project needs; which versions it then uses stands in a lock file beside or above it. */
export interface Manifest extends LockFile {
  /** Names of the lock files that do for it; without one it is unscannable, unless it needs nothing. */
  readonly locks: ReadonlySet<string>
}

const keys = v.fallback(v.optional(v.record(v.string(), v.unknown()), {}), {})
const packageJson = v.object({ dependencies: keys, optionalDependencies: keys })
const composerJson = v.object({ require: keys })
const pyproject = v.object({
  project: v.optional(v.object({ dependencies: v.optional(v.array(v.unknown()), []) })),
  tool: v.optional(v.object({ poetry: v.optional(v.object({ dependencies: keys })) })),
})
const ofPython = ['poetry.lock', 'uv.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock', 'requirements.txt']

export const manifests: readonly Manifest[] = [
  manifest(
    'package.json',
    ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'deno.lock'],
    (text) => {
      const { dependencies, optionalDependencies } = v.parse(packageJson, JSON.parse(text), { abortEarly: true })
      return Object.keys({ ...dependencies, ...optionalDependencies }).length > 0
    },
  ),
  manifest('pyproject.toml', ofPython, (text) => {
    const { project, tool } = v.parse(pyproject, tomlDocument(text), { abortEarly: true })
    const names = Object.keys(tool?.poetry?.dependencies ?? {}).filter((name) => name !== 'python')
    return (project?.dependencies ?? []).length > 0 || names.length > 0
  }),
  manifest('setup.py', ofPython, (text) => text.includes('install_requires')),
  manifest('Pipfile', ofPython, (text) => text.includes('[packages]')),
  manifest('Cargo.toml', ['Cargo.lock'], (text) => /^[ \t]*\[(?:.*\.)?dependencies\b/m.test(text)),
  manifest('composer.json', ['composer.lock'], (text) =>
    Object.keys(v.parse(composerJson, JSON.parse(text), { abortEarly: true }).require).some((name) => name.includes('/')),
  ),
  manifest('Gemfile', ['Gemfile.lock', 'gems.locked'], (text) => /^[ \t]*gem\b/m.test(text)),
  manifest(/^build\.gradle(?:\.kts)?$/, ['gradle.lockfile'], (text) => /^[ \t]*dependencies\b/m.test(text)),
  manifest(/\.(?:cs|fs|vb)proj$/, ['packages.lock.json', 'packages.config'], (text) => text.includes('<PackageReference')),
]

function manifest(name: string | RegExp, locks: readonly string[], needsSomething: (text: string) => boolean): Manifest {
  const why = `it has no lock file (${locks.slice(0, 3).join(', ')}): which versions are used is not known`
  const parse = (text: string): Told => ({ packages: [], ...(needsSomething(text) ? { unscannable: why } : {}) })
  return { ...lockFile(name, parse, 8 * 2 ** 20), locks: new Set(locks) }
}
