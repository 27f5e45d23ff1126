import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import { feedInvalid } from '../errors.ts'

/** The scores of the day, of the names that were asked for. */
export interface Epss {
  /** RFC 3339. */
  readonly date: string
  readonly model: string
  readonly scores: ReadonlyMap<string, { readonly score: number; readonly percentile: number }>
}

const limits = { line: 4096, lines: 5_000_000 } as const
const header = /^#\s*model_version:([^,]{1,100}),\s*score_date:(\d{4}-\d\d-\d\d)(T[\d:]{8})?/
const row = /^"?(CVE-\d{4}-\d{1,19})"?,([01](?:\.\d{1,20})?(?:[eE]-?\d{1,3})?),([01](?:\.\d{1,20})?(?:[eE]-?\d{1,3})?)$/

/** Reads the CSV of FIRST (first.org/epss/data_stats), line by line; `where` names it. @throws SW-ADVISORIES-FEED */
export async function readEpss(source: AsyncIterable<Uint8Array>, names: ReadonlySet<string>, where: string): Promise<Epss> {
  const scores = new Map<string, { score: number; percentile: number }>()
  let [number, model, date] = [0, '', '']
  for await (const line of linesOf(source, where)) {
    number += 1
    if (number > limits.lines) throw feedInvalid(`${where} has more than ${limits.lines} lines.`)
    if (number === 1) {
      const [, version, day, time = 'T00:00:00'] = header.exec(line) ?? []
      if (version === undefined || day === undefined) throw wrong(where, line, 'a first line with model_version and score_date')
      ;[model, date] = [version, `${day}${time}Z`]
    } else if (number === 2) {
      if (line !== 'cve,epss,percentile') throw wrong(where, line, 'the columns cve,epss,percentile')
    } else if (line !== '') {
      const [, cve, score, percentile] = row.exec(line) ?? []
      if (cve === undefined) throw wrong(where, line, 'a CVE with two numbers from 0 to 1')
      if (names.has(cve)) scores.set(cve, { score: Number(score), percentile: Number(percentile) })
    }
  }
  if (number < 3) throw feedInvalid(`${where} has no scores: it may have been cut.`)
  return { date, model, scores }
}

function wrong(where: string, line: string, expected: string): Error {
  return feedInvalid(`${where} has the line ${JSON.stringify(neutraliseLine(excerpt(line, 100)))}, expected ${expected}.`)
}

async function* linesOf(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of source) {
    const lines = `${rest}${Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > limits.line) throw feedInvalid(`${where} has a line of more than ${limits.line} characters.`)
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}
