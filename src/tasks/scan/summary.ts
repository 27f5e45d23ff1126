import { formatCount } from '../../base/bytes.ts'
import { baseText } from '../../domain/findings/base.ts'
import { outputPath } from '../../spec/output.ts'
import type { Block } from '../../spec/ports.ts'
import { rowsOf, type Shown } from './rows.ts'

/** Rows of a table of the summary: beyond that nobody reads on, and the report has all. */
const mostRows = 50

/** The same as the table, where there is room for tables: the summary of the job, and the file of it. */
export function summaryOf(shown: Shown): readonly Block[] {
  const { decision, base, found } = shown
  const lines = [...decision.reasons.map((reason) => `✗ ${reason}`), ...(base === undefined ? [] : [baseText(base)])]
  return [
    ...(lines.length === 0 ? [] : [{ kind: 'text', text: lines.join('\n') } as const]),
    ...findings(shown),
    ...table('Licences', ['package', 'licence', 'why'], licences(shown)),
    ...table(
      'Expired exceptions',
      ['vulnerability', 'package', 'expired on', 'owner', 'reason'],
      distinct(
        decision.expired.map(({ finding, exception: { expires, owner, reason } }) => [finding.id, finding.purl, expires, owner, reason]),
      ),
    ),
    ...table(
      'Excused',
      ['vulnerability', 'package', 'until', 'owner', 'reason'],
      distinct(
        decision.excepted.map(({ finding, exception: { expires, owner, reason } }) => [
          finding.id,
          finding.purl,
          expires ?? '',
          owner,
          reason,
        ]),
      ),
    ),
    ...table('Not scanned', ['what', 'why'], distinct(found.unscanned.map(({ what, why }) => [what, why]))),
  ]
}

function findings(shown: Shown): readonly Block[] {
  const rows = rowsOf(shown).map((row) => [
    row.fails ? '✗' : '·',
    ...[row.severity, row.id, row.package, row.mend, row.signs, row.place],
    row.platforms.length === shown.platforms ? 'all' : row.platforms.join('\n'),
  ])
  const columns = ['', 'severity', 'vulnerability', 'package', 'fix', 'exploited', 'brought by', 'platforms']
  // What says nothing in any row is left out.
  const used = columns.flatMap((name, at) =>
    rows.some((row) => row[at] !== '' && !(name === 'platforms' && row[at] === 'all')) ? [at] : [],
  )
  const pick = (cells: readonly string[]): readonly string[] => used.map((at) => cells[at] ?? '')
  return table('Findings', pick(columns), rows.map(pick))
}

function licences({ decision }: Shown): readonly (readonly string[])[] {
  const rows = decision.licenses.map(({ purl, license, verdict, valid }) => [
    purl,
    license,
    valid === undefined ? `✗ ${verdict}` : `excused by ${valid.owner}: ${valid.reason}`,
  ])
  return distinct(rows)
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): readonly Block[] {
  if (rows.length === 0) return []
  const left = rows.length - mostRows
  const note = `… ${formatCount(left)} more in ${outputPath('scan', 'report')}`
  return [
    { kind: 'table', title: `${title} (${formatCount(rows.length)})`, columns, rows: rows.slice(0, mostRows) },
    ...(left <= 0 ? [] : [{ kind: 'text', text: note } as const]),
  ]
}

/** The same on several platforms is said once. */
function distinct(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}
