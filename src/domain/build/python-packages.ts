import { posix } from 'node:path'
import { isInside, readSmallSync, type WalkedFile, walk } from '../../io/files.ts'
import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { dependenciesUnusable, platformUnfit } from './errors.ts'
import { elfOf } from './libraries.ts'
import type { Venv } from './python-venv.ts'

/** What an environment has installed. */
export interface InstalledPackages {
  /** Paths relative to the project. */
  readonly files: readonly WalkedFile[]
  /** The distribution that a path belongs to. */
  readonly nameOf: (path: string) => string
  /** Folders of the project that are importable too: of packages that are installed as editable. */
  readonly alsoImported: readonly string[]
}

/**
 * The packages of an environment without pip, which installs and is not needed to run, and without bytecode that is judged by
 * times: a layer has none, so Python would not use it. @throws SW-BUILD-DEPENDENCIES, SW-BUILD-PLATFORM
 */
export async function collectPackages(root: string, { sitePackages }: Venv, platform: Platform): Promise<InstalledPackages> {
  const site = `${root}/${sitePackages}`
  const files: WalkedFile[] = []
  for await (const file of walk(site)) if (!isStaleBytecode(file)) files.push(file)
  const owners = ownersOf(files)
  const nameOf = (path: string): string => owners.get(path) ?? topOf(path)
  const kept = files.filter(({ path }) => nameOf(path) !== 'pip' && !path.startsWith('__editable__'))
  await requirePlatform(kept, platform)
  return {
    files: kept.map((file) => ({ ...file, path: `${sitePackages}/${file.path}` })),
    nameOf: (path) => nameOf(path.slice(sitePackages.length + 1)),
    alsoImported: files.flatMap((file) => editableFolders(root, file)),
  }
}

/** Bytecode says in bit 0 of its second word whether it is judged by a hash of its source (PEP 552). */
function isStaleBytecode({ path, absolute, kind, size }: WalkedFile): boolean {
  if (kind === 'directory') return posix.basename(path) === '__pycache__'
  if (kind !== 'file' || !path.endsWith('.pyc') || size > 2 ** 20) return false
  const [bytes = Buffer.alloc(0)] = readSmallSync([absolute])
  return bytes.length < 16 || (bytes.readUInt32LE(4) & 1) === 0
}

/** Each distribution lists its files in RECORD (packaging.python.org, recording installed projects). */
function ownersOf(files: readonly WalkedFile[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { path, absolute } of files) {
    const [, name] = /^([^/]+?)-[^-/]+\.dist-info\/RECORD$/.exec(path) ?? []
    if (name === undefined) continue
    const [text] = readSmallSync([absolute], 16 * 2 ** 20)
    for (const line of text?.toString('utf8').split(/\r?\n/) ?? []) {
      const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? []
      const listed = quoted?.replaceAll('""', '"') ?? plain
      if (listed !== undefined && listed !== '') owners.set(listed, name)
    }
  }
  return owners
}

/** For what no distribution lists: `numpy` of numpy/…, numpy.libs/… and numpy-1.26.4.dist-info/…. */
function topOf(path: string): string {
  return path.replace(/\/.*/s, '').replace(/(?:-[^-]+\.(?:dist|egg)-info|\.libs|\.py)$/, '')
}

/** A package that is installed as editable is a line with a folder in a .pth file. */
function editableFolders(root: string, { path, absolute }: WalkedFile): readonly string[] {
  if (/^__editable___.*_finder\.py$/.test(path)) throw editable(`${path} finds the package in folders of this machine`)
  if (!/^[^/]+\.pth$/.test(path)) return []
  const [text] = readSmallSync([absolute])
  const folders = (text?.toString('utf8') ?? '').split(/\r?\n/).filter((line) => posix.isAbsolute(line))
  const outside = folders.find((folder) => !isInside(root, folder))
  if (outside !== undefined) throw editable(`${path} leads to ${outside}, which is outside of the build context`)
  return folders.map((folder) => posix.relative(root, folder))
}

function editable(why: string): Error {
  return dependenciesUnusable(`A package is installed as editable: ${why}.`, { hint: 'pip install --no-deps --force-reinstall .' })
}

async function requirePlatform(files: readonly WalkedFile[], platform: Platform): Promise<void> {
  for (const { path, absolute, kind } of files) {
    if (kind !== 'file' || !/\.so(?:\.[\d.]+)?$/.test(path)) continue
    const architecture = (await elfOf(absolute))?.architecture
    if (architecture === undefined || architecture === platform.architecture) continue
    throw platformUnfit(`${path} is compiled for ${architecture}, and the image is for ${formatPlatform(platform)}.`, {
      hint: 'Install on a machine of that platform, and build each platform on its own.',
    })
  }
}
