import { formatBytes } from '../base/bytes.ts'
import type { ByteReader } from './byte-reader.ts'
import { tarLimit, tarMalformed } from './errors.ts'
import { checksumOf, tarBlock, tarPadding } from './tar-header.ts'
import { readNumber } from './tar-numbers.ts'
import { parseHeader, type ReadHeader } from './tar-parse.ts'
import { type PaxRecords, readPax } from './tar-pax.ts'

export type { ReadHeader } from './tar-parse.ts'

/** Finds the headers of members, with what other headers announced about them. */
export class TarScan {
  readonly #reader: ByteReader
  readonly #limits: { readonly path: number; readonly meta: number }
  #global: PaxRecords = new Map()

  constructor(reader: ByteReader, limits: { readonly path: number; readonly meta: number }) {
    this.#reader = reader
    this.#limits = limits
  }

  /** The header of the next member, or undefined at the end of the archive; the content before it must have been read. */
  async next(): Promise<ReadHeader | undefined> {
    let pax: PaxRecords = new Map()
    let long: { path?: string; link?: string } = {}
    for (;;) {
      const block = await this.#headerBlock()
      const announced = pax.size > 0 || Object.keys(long).length > 0
      if (block === undefined && announced) throw tarMalformed('The tar archive ends after a header that announces a member.')
      if (block === undefined) return undefined
      const flag = String.fromCharCode(block[156] ?? 0)
      if (flag === 'g') this.#global = new Map([...this.#global, ...readPax(await this.#meta(block))])
      else if (flag === 'x') pax = readPax(await this.#meta(block))
      else if (flag === 'L') long = { ...long, path: beforeNul(await this.#meta(block)) }
      else if (flag === 'K') long = { ...long, link: beforeNul(await this.#meta(block)) }
      else return this.#checked(parseHeader(block, { pax: new Map([...this.#global, ...pax]), ...long }))
    }
  }

  /** Two zero blocks end an archive; one alone, or none, means that it was cut. */
  async #headerBlock(): Promise<Buffer | undefined> {
    const block = await this.#exactly(tarBlock)
    if (!isZero(block)) return this.#verified(block)
    if (!isZero(await this.#exactly(tarBlock))) {
      throw tarMalformed(`The tar archive has a lone zero block at byte ${this.#reader.position - 2 * tarBlock}.`)
    }
    return undefined
  }

  #verified(block: Buffer): Buffer {
    const written = readNumber(block.subarray(148, 156), 'checksum')
    if (written === checksumOf(block) || written === signedChecksumOf(block)) return block
    throw tarMalformed(`The tar header at byte ${this.#reader.position - tarBlock} has a wrong checksum.`, {
      hint: 'Check that the data is a tar archive, and how it is compressed.',
    })
  }

  async #meta(block: Buffer): Promise<Buffer> {
    const size = readNumber(block.subarray(124, 136), 'size')
    if (size < 0) throw tarMalformed(`A tar header has the size ${size}.`)
    if (size > this.#limits.meta) {
      throw tarLimit(`A tar header announces ${formatBytes(size)} of names, expected at most ${formatBytes(this.#limits.meta)}.`)
    }
    return (await this.#exactly(size + tarPadding(size))).subarray(0, size)
  }

  async #exactly(size: number): Promise<Buffer> {
    const bytes = await this.#reader.take(size)
    if (bytes.length < size) throw tarMalformed(`The tar archive is cut off at byte ${this.#reader.position}, without an end.`)
    return bytes
  }

  #checked(header: ReadHeader): ReadHeader {
    const longest = Math.max(Buffer.byteLength(header.path), Buffer.byteLength(header.link))
    if (longest > this.#limits.path) {
      throw tarLimit(`The tar archive has a path of ${longest} bytes, expected at most ${this.#limits.path}.`)
    }
    if (header.size < 0) throw tarMalformed(`${JSON.stringify(header.path)} has the size ${header.size} in its tar header.`)
    return header
  }
}

/** Some old writers added up the bytes as signed ones. */
function signedChecksumOf(block: Buffer): number {
  let sum = checksumOf(block)
  for (let at = 0; at < tarBlock; at += 1) if ((at < 148 || at >= 156) && (block[at] ?? 0) > 127) sum -= 256
  return sum
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0)
}

function beforeNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
