import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { TaskError } from '../../../../base/errors.ts'
import { ensureFolder, factsOrNothing, readBytes, writeAtomic } from '../../../../io/files.ts'
import { underMachineLock } from '../../../../io/machine-lock.ts'
import type { Log } from '../../../../spec/ports.ts'

/**
 * What is kept of one repository. It need not be trusted: all that is read is proven again from the root that the program or the
 * user gives. What it adds is memory, so that nobody can show an older state than was seen.
 */
export interface TufCache {
  read(name: string, limit: number): Promise<Buffer | undefined>
  /** Keeps a file, whole or not at all; not if `isKept` says that what is there now is as good. */
  keep(name: string, bytes: Uint8Array, isKept?: (there: Buffer) => boolean): Promise<void>
}

/** Remembers nothing. */
export const noCache: TufCache = { read: async () => undefined, keep: async () => undefined }

/**
 * The cache in a folder for a repository at an address that begins with a root: another root at the same address has another one. A folder
 * that cannot be read or written remembers nothing, and a warning tells so.
 */
export function openCache(
  folder: string,
  { url, root, log }: { readonly url: string; readonly root: Uint8Array; readonly log: Pick<Log, 'warn'> },
): TufCache {
  const identity = createHash('sha256').update(`${url}\n`).update(root).digest('hex').slice(0, 16)
  const own = join(folder, `${new URL(url).hostname.replaceAll(/[^a-z0-9.-]/g, '_')}-${identity}`)
  const read = async (name: string, limit: number): Promise<Buffer | undefined> => {
    const path = join(own, fileName(name))
    const found = await factsOrNothing(path)
    return found?.kind === 'file' && found.size <= limit ? readBytes(path, limit) : undefined
  }
  const keep = (name: string, bytes: Uint8Array, isKept: (there: Buffer) => boolean): Promise<void> =>
    underMachineLock(`tuf ${own} ${name}`, async () => {
      const there = await read(name, bytes.length + 2 ** 20)
      if (there !== undefined && (there.equals(bytes) || isKept(there))) return
      await ensureFolder(own, 0o700)
      await writeAtomic(join(own, fileName(name)), bytes)
    })
  let told = false
  const orNothing = (error: unknown): undefined => {
    if (!(error instanceof TaskError)) throw error
    if (!told) log.warn('the cache of TUF metadata cannot be used: what was seen is not remembered', { folder, because: error.message })
    told = true
  }
  return {
    read: (name, limit) => read(name, limit).catch(orNothing),
    keep: (name, bytes, isKept = () => false) => keep(name, bytes, isKept).catch(orNothing),
  }
}

/** Roles are named by whoever delegates: as one piece of a path, of a length that file systems take. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replaceAll('*', '%2A')
  return encoded.length <= 150 ? encoded : `${encoded.slice(0, 80)}-${createHash('sha256').update(name).digest('hex')}`
}
