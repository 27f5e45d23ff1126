import { formatCount } from '../../base/bytes.ts'
import type { Found, Scanned } from '../../domain/findings/find.ts'
import type { Finding } from '../../domain/findings/finding.ts'
import { sarifOf } from '../../domain/findings/sarif.ts'
import { type Decision, decide } from '../../domain/gate/decide.ts'
import { implement } from '../../spec/define.ts'
import { outputPath } from '../../spec/output.ts'
import type { Block } from '../../spec/ports.ts'
import { scanRefused } from './errors.ts'
import { evidenceOf } from './evidence.ts'
import { reportOf } from './report.ts'
import { type Counts, countsOf, countsText, rowOf, severitiesOf, tableOf } from './table.ts'
import { task } from './task.ts'
import { termsOf } from './terms.ts'
import { uploadOf } from './upload.ts'

export const run = implement(task, async (input, context) => {
  const upload = await uploadOf(input, context)
  const terms = await termsOf(input, context)
  const { scanned, sources, databaseDate, found } = await evidenceOf(input, context)
  const now = context.clock.now()
  const decision = decide({ ...found, databaseDate }, { ...terms, now })
  const counts = countsOf(found.findings, decision)
  const finished = new Date(now).toISOString()
  context.log.untrusted(tableOf(found, decision, counts))
  const name = input.name ?? repositoryOf(context.source.repository) ?? 'image'
  const sarif = sarifOf({ findings: found.findings, subjects: scanned.map(({ subject }) => subject), name, excuses: excusesOf(decision) })
  if (sarif.left > 0) context.log.warn('not all findings fit into SARIF: the least severe are left out', { left: sarif.left })
  await upload(sarif.compressed)
  const { verdict } = decision
  const result = {
    outputs: {
      ...{
        verdict,
        ...counts,
        severities: severitiesOf(found.findings, decision),
        policy: terms.digest,
        databaseDate,
        sarif: sarif.text,
      },
      report: reportOf({ input: { digest: input.digest, name }, scanned, sources, databaseDate, found, decision, counts, terms, finished }),
    },
    record: {
      findings: {
        ...{ subject: input.digest, severities: counts, verdict, policy: terms.digest, finished },
        ...{ report: outputPath('scan', 'report'), databaseDate },
      },
    },
    headline: headlineOf(scanned, { decision, counts, databaseDate }),
    summary: summaryOf(found, decision, counts),
  }
  if (verdict === 'pass') return result
  const failure = scanRefused(`${input.digest} does not pass the gate: ${decision.reasons.join('; ')}.`, {
    hint: 'read the table above: take the fixed versions, or write an exception that expires',
    safe: 'nothing was changed',
  })
  return { ...result, failure }
})

/** `acme/app` of `https://github.com/acme/app.git`. */
function repositoryOf(url: string | undefined): string | undefined {
  const path = URL.parse(url ?? '')?.pathname.replace(/^\/+|(?:\.git)?\/*$/g, '')
  return path === '' ? undefined : path
}

function excusesOf({ excepted }: Decision): ReadonlyMap<Finding, string> {
  return new Map(
    excepted.map(({ finding, exception: { reason, owner, expires } }) => [
      finding,
      `${reason} (${owner}${expires === undefined ? '' : `, until ${expires}`})`,
    ]),
  )
}

function headlineOf(
  scanned: readonly Scanned[],
  { decision, counts, databaseDate }: { readonly decision: Decision; readonly counts: Counts; readonly databaseDate: string },
): string {
  const packages = new Set(scanned.flatMap(({ inventory }) => inventory.packages.map(({ purl }) => purl))).size
  const platforms = scanned.length === 1 ? '' : ` on ${scanned.length} platforms`
  return [
    countsText(counts, decision),
    `${formatCount(packages)} package${packages === 1 ? '' : 's'}${platforms}`,
    `advisories of ${databaseDate.slice(0, 10) || 'unknown age'}`,
  ].join(' · ')
}

function summaryOf(found: Found, decision: Decision, counts: Counts): readonly Block[] {
  const rows = found.findings.map((finding) => [...rowOf(finding), finding.subject.platform])
  const columns = ['severity', 'vulnerability', 'package', 'fix', 'platform']
  const table: Block = { kind: 'table', title: 'Findings', columns, rows }
  return [
    { kind: 'text', text: tableOf({ findings: [], unscanned: found.unscanned }, decision, counts) },
    ...(rows.length === 0 ? [] : [table]),
  ]
}
