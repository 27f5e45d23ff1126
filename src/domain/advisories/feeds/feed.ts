import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { decompress } from '../../../io/decompress.ts'
import { readBytes } from '../../../io/files.ts'
import type { Http } from '../../../spec/ports.ts'
import { isAddress } from '../look-up.ts'

/** In bytes: EPSS has 2 MB packed and 10 MB unpacked, KEV 2 MB. */
const most = { packed: 64 * 2 ** 20, unpacked: 256 * 2 ** 20 } as const

export interface FeedPorts {
  readonly http: Http
  /** Where relative paths start from. */
  readonly workspace: string
}

/** The bytes of a feed, a file or an address, unpacked when they are gzip, whatever it is called. @throws SW-FILE-…, SW-HTTP-…, SW-COMPRESSED-… */
export async function openFeed(where: string, { http, workspace }: FeedPorts): Promise<AsyncIterable<Uint8Array>> {
  const bytes = isAddress(where)
    ? await (await http.request({ method: 'GET', url: where, expect: [200] })).bytes(most.packed)
    : await readBytes(resolve(workspace, where), most.packed)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isGzip
    ? decompress(Readable.from([bytes], { objectMode: false }), 'gzip', { size: most.unpacked })
    : Readable.from([bytes], { objectMode: false })
}
