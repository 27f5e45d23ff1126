import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { TaskError } from '../../../base/errors.ts'
import { ensureFolder, factsOrNothing, readBytes, writeAtomic } from '../../../io/files.ts'
import type { RemotePorts } from './ports.ts'
import { recordHead } from './schema.ts'

const mostBytes = 256 * 2 ** 20
const lineFeed = 0x0a

/** Records of a service that were fetched before, one to a line, all in one file. */
export interface KeptRecords {
  /** A record as it was at a time or later. */
  find(id: string, modified: string): Buffer | undefined
  /** Keeps a record, from {@link KeptRecords.save} on. */
  add(bytes: Buffer): void
  save(): Promise<void>
}

/** Opens what is kept of a service. A file that cannot be read keeps nothing: all is fetched then. */
export async function keptRecords(base: string, { folder, log }: Pick<RemotePorts, 'folder' | 'log'>): Promise<KeptRecords> {
  const path = join(folder, `${createHash('sha256').update(base).digest('hex').slice(0, 24)}.records`)
  const records = await readKept(path)
  let [isChanged, size] = [false, [...records.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)]
  return {
    find: (id, modified) => {
      const found = records.get(id)
      return found !== undefined && found.modified >= modified ? found.bytes : undefined
    },
    add: (bytes) => {
      const line = lineOf(bytes)
      if (line === undefined || size + line.bytes.length > mostBytes) return
      size += line.bytes.length
      isChanged = true
      records.set(line.id, line)
    },
    save: async () => {
      if (!isChanged) return
      try {
        await ensureFolder(folder, 0o700)
        await writeAtomic(path, Buffer.concat([...records.values()].flatMap(({ bytes }) => [bytes, Buffer.from([lineFeed])])))
      } catch (error) {
        if (!(error instanceof TaskError)) throw error
        log.warn('advisories that were fetched cannot be kept', { folder, because: error.message })
      }
    },
  }
}

interface Line {
  readonly id: string
  readonly modified: string
  readonly bytes: Buffer
}

async function readKept(path: string): Promise<Map<string, Line>> {
  const records = new Map<string, Line>()
  const there = await factsOrNothing(path).catch(() => undefined)
  if (there?.kind !== 'file' || there.size > mostBytes * 2) return records
  const all = await readBytes(path, mostBytes * 2).catch(() => Buffer.alloc(0))
  for (let start = 0; start < all.length; ) {
    const next = all.indexOf(lineFeed, start)
    const end = next < 0 ? all.length : next
    const line = lineOf(all.subarray(start, end))
    if (line !== undefined) records.set(line.id, line)
    start = end + 1
  }
  return records
}

/** A record on one line, whose identifier is the one it is kept by; undefined of anything else. */
function lineOf(bytes: Buffer): Line | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    const head = v.safeParse(recordHead, value)
    return head.success ? { ...head.output, bytes: Buffer.from(JSON.stringify(value)) } : undefined
  } catch {
    return undefined
  }
}
