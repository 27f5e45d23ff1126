import { basename, dirname } from 'node:path/posix'
import { messageOf } from '../../../base/errors.ts'
import { factsOrNothing, openRead, resolveInside, type WalkedFile, walk } from '../../../io/files.ts'
import { assemble } from '../assemble.ts'
import type { Find, Told } from '../cataloguer.ts'
import type { Inventory } from '../package.ts'
import { lockFiles } from './lock-files.ts'
import { type Manifest, manifests } from './manifests.ts'

export interface TreeOptions {
  readonly signal?: AbortSignal
  /** Whether to list what is only for building and testing, marked as such. Default: it is left out, as it does not run. */
  readonly development?: boolean
  /** Files and folders that are looked at. Default 2 000 000. */
  readonly entries?: number
}

/** Folders of what was installed or fetched, and of version control: their lock files are those of others. */
const passedOver = new Set(['.git', '.hg', '.svn', 'node_modules', 'bower_components', 'vendor', '.venv', 'venv', '.tox', '__pycache__'])

/**
 * What the lock files below a folder list. No program is run and nothing is resolved; a symbolic link that leads out of the folder, and a
 * file that does not tell the versions, are unscannable. @throws SW-FILE-NAME and others of a folder that cannot be read
 */
export async function inventoryOfTree(folder: string, options: TreeOptions = {}): Promise<Inventory> {
  const { signal, development = false, entries = 2_000_000 } = options
  const finds: (readonly [string, Find])[] = []
  const written: { readonly file: WalkedFile; readonly manifest: Manifest }[] = []
  let seen = 0
  for await (const file of walk(folder, { take: (path, kind) => kind !== 'directory' || !passedOver.has(basename(path)) })) {
    signal?.throwIfAborted()
    seen += 1
    if (seen > entries) {
      finds.push([
        '.',
        { told: { packages: [], unscannable: `it has more than ${entries} files and folders: the others are not looked at` } },
      ])
      break
    }
    if (file.kind === 'directory') continue
    const [lockFile, manifest] = [lockFiles.find((one) => one.wants(file.path)), manifests.find((one) => one.wants(file.path))]
    if (manifest !== undefined) written.push({ file, manifest })
    if (lockFile === undefined) continue
    const told = await tell(folder, file, (body) => lockFile.read(file.path, body))
    finds.push([file.path, { told: development ? told : withoutDevelopment(told) }])
  }
  const locks = new Set(finds.map(([path]) => path))
  for (const { file, manifest } of written) {
    signal?.throwIfAborted()
    if (hasLock(file.path, manifest, locks)) continue
    const told = await tell(folder, file, (body) => manifest.read(file.path, body))
    if (told.unscannable !== undefined) finds.push([file.path, { told }])
  }
  return assemble(finds)
}

/** A file that cannot be read is told of; it does not hide what the others say. */
async function tell(folder: string, file: WalkedFile, read: (body: AsyncIterable<Buffer>) => Promise<Told>): Promise<Told> {
  try {
    const place = await placeOf(folder, file)
    if (place === undefined)
      return { packages: [], unscannable: 'it is no file, or a symbolic link that leads to none or out of the folder' }
    return await read(openRead(place))
  } catch (error) {
    return { packages: [], unscannable: messageOf(error) }
  }
}

async function placeOf(folder: string, { kind, path, absolute }: WalkedFile): Promise<string | undefined> {
  if (kind !== 'symlink') return kind === 'file' ? absolute : undefined
  try {
    const place = await resolveInside(folder, path)
    // Of a pipe one could wait for ever.
    return (await factsOrNothing(place))?.kind === 'file' ? place : undefined
  } catch {
    return undefined
  }
}

function withoutDevelopment(told: Told): Told {
  return { ...told, packages: told.packages.filter(({ scope }) => scope !== 'development') }
}

/** Beside it, or in a folder above: that of a workspace. */
function hasLock(path: string, { locks }: Manifest, found: ReadonlySet<string>): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    for (const name of locks) if (found.has(folder === '.' ? name : `${folder}/${name}`)) return true
    if (folder === '.') return false
  }
}
