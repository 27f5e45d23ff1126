import type { TextDecoder } from 'node:util'
import { formatBytes } from '../../base/bytes.ts'
import { CaseCollector, clip, type TextReader } from './collector.ts'
import { decoderFor } from './decode.ts'
import { detectFormat, headBytes, rootOf } from './detect.ts'
import { goReader } from './go.ts'
import { jestReader } from './jest.ts'
import { junitReader } from './junit.ts'
import { libtestReader } from './libtest.ts'
import { defaultLimits, type Limits, Unreadable } from './limits.ts'
import type { Format, TestReport } from './model.ts'
import { tapReader } from './tap.ts'
import { trxReader } from './trx.ts'

/** A file's stream, or its bytes in a list. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export interface ReadOptions {
  /** Path or file name; helps to tell the format of an empty file. */
  readonly name?: string
  /** Default: found out from the content. */
  readonly format?: Format | undefined
  readonly limits?: Partial<Limits>
}

const readers: Readonly<Record<Format, (collector: CaseCollector) => TextReader>> = {
  junit: junitReader,
  tap: tapReader,
  go: goReader,
  jest: jestReader,
  trx: trxReader,
  libtest: libtestReader,
}

/** Streams one report. Never throws for its content: what is wrong with it is among the faults, what could be read among the cases. */
export async function readReport(source: ByteSource, options: ReadOptions = {}): Promise<TestReport> {
  const collector = new CaseCollector({ ...defaultLimits, ...options.limits })
  let format = options.format
  try {
    let opened: { readonly reader: TextReader; readonly decoder: TextDecoder } | undefined
    for await (const piece of pieces(source, collector.limits.bytes)) {
      format ??= detectFormat(piece, options.name)
      opened ??= { reader: readers[known(format, piece)](collector), decoder: decoderFor(piece) }
      opened.reader.write(opened.decoder.decode(piece, { stream: true }))
    }
    opened?.reader.write(opened.decoder.decode())
    opened?.reader.end()
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    collector.faults.push(error.fault)
  }
  return { format, cases: collector.cases, faults: collector.faults }
}

/** The bytes as they come, but the first piece long enough to tell the format, and there even when nothing comes. */
export async function* pieces(source: ByteSource, limit: number): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > limit) throw new Unreadable('limit', `has more than ${formatBytes(limit)}`)
    if (head === undefined) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < headBytes) continue
    yield head
    head = undefined
  }
  if (head !== undefined) yield head
}

function known(format: Format | undefined, head: Uint8Array): Format {
  if (format !== undefined) return format
  const start = decoderFor(head).decode(head.subarray(0, 400)).trim()
  if (start === '') throw new Unreadable('empty', 'is empty')
  const root = start.startsWith('<') ? rootOf(start) : undefined
  const seen = root === undefined ? JSON.stringify(clip(start.split('\n')[0] ?? '', 60)) : `<${root}>`
  throw new Unreadable('unknown', `begins with ${seen}, which is none of: JUnit XML, TAP, go test -json, jest --json, TRX, cargo test`)
}
