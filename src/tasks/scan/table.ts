import { formatCount } from '../../base/bytes.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import { baseText } from '../../domain/findings/base.ts'
import { outputPath } from '../../spec/output.ts'
import { type Counts, countsText } from './counts.ts'
import { type Row, rowsOf, type Shown } from './rows.ts'

/** A failing task shows the last 30 lines of its own: the summary must be among them. */
const mostLines = 28
const mostOthers = 3
/** Characters of a column; the place comes last, where a narrow screen cuts it. */
const widest = { severity: 13, id: 24, package: 40, mend: 44, signs: 24, place: 60 } as const

/** What was found for people, the summary first and the worst next, in at most 28 lines; every word of others on one line. */
export function tableOf(shown: Shown, counts: Counts): string {
  const { decision, base } = shown
  const summary = [
    `${decision.verdict}  ${countsText(counts, decision)}`,
    ...decision.reasons.map((reason) => `  ✗ ${reason}`),
    ...(base === undefined ? [] : [`  ${baseText(base)}`]),
  ]
  const others = othersOf(shown)
  const rows = rowsOf(shown)
  const room = mostLines - summary.length - others.length
  const kept = rows.slice(0, rows.length <= room ? room : Math.max(room - 1, 0))
  const lines = [...summary, ...columns(kept), ...more(rows.length - kept.length, 'findings'), ...others]
  return lines.slice(0, mostLines).map(neutraliseLine).join('\n')
}

function columns(rows: readonly Row[]): readonly string[] {
  const names = ['severity', 'id', 'package', 'mend', 'signs', 'place'] as const
  const cells = rows.map((row) => names.map((name) => shortened(neutraliseLine(row[name]), widest[name], name)))
  const widths = names.map((_, place) => Math.max(0, ...cells.map((row) => row[place]?.length ?? 0)))
  const used = widths.flatMap((width, place) => (width === 0 ? [] : [place]))
  return cells.map((row, at) => {
    const text = used.map((place) => (row[place] ?? '').padEnd(widths[place] ?? 0)).join('  ')
    return `  ${rows[at]?.fails === true ? '✗' : '·'} ${text}`.trimEnd()
  })
}

/** A path keeps its end, which says which package it is. */
function shortened(text: string, most: number, name: string): string {
  if (text.length <= most) return text
  return name === 'place' ? `…${text.slice(1 - most)}` : `${text.slice(0, most - 1)}…`
}

/** What else there is to know, a few of each kind. */
function othersOf({ found, decision }: Shown): readonly string[] {
  const open = decision.licenses.filter(({ valid }) => valid === undefined)
  return [
    ...some(
      open,
      'licences',
      ({ purl, license, verdict }) => `  ✗ ${purl}: ${license}, ${verdict === 'unknown' ? 'of unknown terms' : verdict}`,
    ),
    ...some(
      decision.expired,
      'expired exceptions',
      ({ finding, exception: { expires, owner } }) => `  ! the exception of ${finding.id} expired on ${expires}, ask ${owner}`,
    ),
    ...some(decision.excepted, 'excused findings', ({ finding, exception: { expires, owner, reason } }) => {
      const until = expires === undefined ? '' : ` until ${expires}`
      return `  ○ ${finding.id} excused${until} by ${owner}: ${reason.slice(0, 100)}`
    }),
    ...some(found.unscanned, 'things that could not be scanned', ({ what, why }) => `  ? ${what.slice(0, 120)}: ${why}`),
  ]
}

function some<T>(all: readonly T[], nouns: string, line: (one: T) => string): readonly string[] {
  const lines = [...new Set(all.map(line))]
  return lines.length <= mostOthers ? lines : [...lines.slice(0, mostOthers), ...more(lines.length - mostOthers, nouns)]
}

function more(count: number, nouns: string): readonly string[] {
  return count <= 0 ? [] : [`  … ${formatCount(count)} more ${nouns} in ${outputPath('scan', 'report')}`]
}
