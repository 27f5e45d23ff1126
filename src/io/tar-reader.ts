import { formatBytes } from '../base/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { tarLimit, tarMalformed } from './errors.ts'
import { tarBlock, tarPadding } from './tar-header.ts'
import { type ReadHeader, TarScan } from './tar-scan.ts'

export type { ReadHeader } from './tar-scan.ts'

export interface TarMember {
  readonly header: ReadHeader
  /** The content, to be read before the next member is asked for; what is left is passed over. */
  readonly body: AsyncIterable<Buffer>
}

export interface TarLimits {
  /** Default 1 000 000. */
  readonly entries?: number
  /** Bytes of the whole archive. Default 64 GiB. */
  readonly size?: number
  /** Bytes of a path or a link. Default 4096. */
  readonly path?: number
  /** Bytes of one pax header or long name. Default 1 MiB. */
  readonly meta?: number
}

const defaults = { entries: 1_000_000, size: 64 * 2 ** 30, path: 4096, meta: 1024 * 1024 } satisfies TarLimits

/**
 * Reads an archive (v7, ustar, pax, GNU long names) member by member and never writes a file. Damage, a wrong checksum and a
 * missing end are `SW-TAR-MALFORMED`, sparse files `SW-TAR-UNSUPPORTED`, bombs `SW-TAR-LIMIT`. The source is read to its end.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, limits: TarLimits = {}): AsyncGenerator<TarMember> {
  const reader = new ByteReader(source)
  const bounds = { ...defaults, ...limits }
  const scan = new TarScan(reader, bounds)
  try {
    let entries = 0
    for (let header = await scan.next(); header !== undefined; header = await scan.next()) {
      entries += 1
      if (entries > bounds.entries) throw tarLimit(`The tar archive has more than ${bounds.entries} members.`)
      yield* memberOf(reader, header, bounds.size)
    }
    await drain(reader, bounds.size)
  } finally {
    await reader.close()
  }
}

async function* memberOf(reader: ByteReader, header: ReadHeader, limit: number): AsyncGenerator<TarMember> {
  const end = reader.position + header.size
  if (end > limit) throw tooLarge(limit)
  const body = content(reader, header)
  yield { header, body }
  await body.return(undefined)
  const rest = end - reader.position + tarPadding(header.size)
  if ((await reader.skip(rest)) < rest) throw cutOff(reader, header.path)
}

async function* content(reader: ByteReader, { size, path }: ReadHeader): AsyncGenerator<Buffer> {
  const end = reader.position + size
  yield* reader.parts(size)
  if (reader.position < end) throw cutOff(reader, path)
}

/** Reads what stands behind the archive, so that whoever hashes the source sees all of it. */
async function drain(reader: ByteReader, limit: number): Promise<void> {
  while ((await reader.skip(tarBlock * 128)) > 0) if (reader.position > limit) throw tooLarge(limit)
}

function cutOff(reader: ByteReader, path: string): Error {
  return tarMalformed(`The tar archive is cut off at byte ${reader.position}, within ${JSON.stringify(path)}.`)
}

function tooLarge(limit: number): Error {
  return tarLimit(`The tar archive has more than ${formatBytes(limit)}, the most that is read.`)
}
