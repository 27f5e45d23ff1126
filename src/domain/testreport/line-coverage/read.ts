import type { TextDecoder } from 'node:util'
import type { TextReader } from '../collector.ts'
import { decoderFor } from '../decode.ts'
import { rootOf } from '../detect.ts'
import { defaultLimits, type Limits, Unreadable } from '../limits.ts'
import type { ReportFault } from '../model.ts'
import { type ByteSource, pieces } from '../read.ts'
import type { AddLine, Coverage } from './coverage.ts'
import { goProfileReader, lcovReader } from './lines.ts'
import { coberturaReader, jacocoReader } from './xml.ts'

export type CoverageFormat = 'lcov' | 'cobertura' | 'jacoco' | 'go'

export interface CoverageOptions {
  /** The same file under one name, whichever report and folder it comes from. Default: as written. */
  readonly normalise?: (file: string) => string
  readonly limits?: Partial<Limits>
}

/** Adds one report to the coverage so far. Never throws for its content; a report with faults tells less than the truth. */
export async function readCoverage(coverage: Coverage, source: ByteSource, options: CoverageOptions = {}): Promise<readonly ReportFault[]> {
  const limits = { ...defaultLimits, ...options.limits }
  const faults: ReportFault[] = []
  const fault = (kind: ReportFault['kind'], message: string, line?: number): void => {
    faults.push({ kind, message, line })
  }
  let lines = 0
  const add: AddLine = (file, unit, hit) => {
    if (!coverage.add((options.normalise ?? String)(file), unit, hit)) throw new Unreadable('limit', 'has too many lines')
    lines += 1
  }
  try {
    let opened: { readonly reader: TextReader; readonly decoder: TextDecoder } | undefined
    for await (const piece of pieces(source, limits.bytes)) {
      opened ??= { reader: readerFor(piece, add, { depth: limits.depth, fault }), decoder: decoderFor(piece) }
      opened.reader.write(opened.decoder.decode(piece, { stream: true }))
    }
    opened?.reader.end()
    if (lines === 0) fault('empty', 'covers no line')
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    faults.push(error.fault)
  }
  return faults
}

/** The format of a coverage report by its first bytes; undefined when it is none that we read. */
export function detectCoverage(head: Uint8Array): CoverageFormat | undefined {
  const text = decoderFor(head).decode(head, { stream: true }).trimStart()
  if (text.startsWith('<')) return detectXml(text)
  if (/^mode: (?:set|count|atomic)$/m.test(text)) return 'go'
  return /^(?:TN:|SF:)/m.test(text) ? 'lcov' : undefined
}

/** Clover's root is called as Cobertura's. */
function detectXml(text: string): CoverageFormat | undefined {
  const root = rootOf(text)
  if (root === 'report') return 'jacoco'
  return root === 'coverage' && !/<coverage\s[^>]*clover=/.test(text) ? 'cobertura' : undefined
}

function readerFor(
  head: Uint8Array,
  add: AddLine,
  options: { depth: number; fault: (kind: ReportFault['kind'], message: string) => void },
): TextReader {
  const format = detectCoverage(head)
  if (format === 'lcov') return lcovReader(add)
  if (format === 'go') return goProfileReader(add)
  if (format === 'cobertura') return coberturaReader(add, options)
  if (format === 'jacoco') return jacocoReader(add, options)
  throw new Unreadable(head.length === 0 ? 'empty' : 'unknown', 'is none of: lcov, Cobertura XML, JaCoCo XML, a Go coverage profile')
}
