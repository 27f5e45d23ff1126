import { messageOf } from '../../../base/errors.ts'
import { openRead, resolveInside, type WalkedFile, walk } from '../../../io/files.ts'
import { assemble } from '../assemble.ts'
import type { Find, Told } from '../cataloguer.ts'
import type { Inventory } from '../package.ts'
import type { LockFile } from './lock-file.ts'
import { lockFiles } from './lock-files.ts'

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
  let seen = 0
  for await (const file of walk(folder, { take: (path, kind) => kind !== 'directory' || !passedOver.has(nameOf(path)) })) {
    signal?.throwIfAborted()
    seen += 1
    if (seen > entries) {
      finds.push([
        '.',
        { told: { packages: [], unscannable: `it has more than ${entries} files and folders: the others are not looked at` } },
      ])
      break
    }
    const lockFile = lockFiles.find((one) => one.wants(file.path))
    if (lockFile === undefined || (file.kind !== 'file' && file.kind !== 'symlink')) continue
    const told = await tell(lockFile, folder, file)
    finds.push([file.path, { told: development ? told : withoutDevelopment(told) }])
  }
  return assemble(finds)
}

/** A file that cannot be read is told of; it does not hide what the others say. */
async function tell(lockFile: LockFile, folder: string, file: WalkedFile): Promise<Told> {
  try {
    const place = await placeOf(folder, file)
    if (place === undefined) return { packages: [], unscannable: 'it is a symbolic link that leads nowhere, or out of the folder' }
    return await lockFile.read(file.path, openRead(place))
  } catch (error) {
    return { packages: [], unscannable: messageOf(error) }
  }
}

async function placeOf(folder: string, { kind, path, absolute }: WalkedFile): Promise<string | undefined> {
  if (kind !== 'symlink') return absolute
  try {
    return await resolveInside(folder, path)
  } catch {
    return undefined
  }
}

function withoutDevelopment(told: Told): Told {
  return { ...told, packages: told.packages.filter(({ scope }) => scope !== 'development') }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
