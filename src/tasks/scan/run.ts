import { formatCount } from '../../base/bytes.ts'
import { sha256 } from '../../base/digest.ts'
import type { Found, Scanned } from '../../domain/findings/find.ts'
import type { Finding } from '../../domain/findings/finding.ts'
import { sarifOf } from '../../domain/findings/sarif.ts'
import { type Decision, decide } from '../../domain/gate/decide.ts'
import { type Context, implement } from '../../spec/define.ts'
import { outputPath } from '../../spec/output.ts'
import { baseOf } from './base.ts'
import { type Counts, countsOf, countsText, severitiesOf } from './counts.ts'
import { scanRefused } from './errors.ts'
import { evidenceOf } from './evidence.ts'
import { reportOf } from './report.ts'
import type { Shown } from './rows.ts'
import { comparedWith, gateOutputs } from './stated.ts'
import { summaryOf } from './summary.ts'
import { tableOf } from './table.ts'
import { task } from './task.ts'
import { termsOf } from './terms.ts'
import { uploadOf } from './upload.ts'

export const run = implement(task, async (input, context) => {
  const upload = await uploadOf(input, context)
  const terms = await termsOf(input, context)
  const evidence = await evidenceOf(input, context)
  const { scanned, databaseDate, found } = evidence
  const now = context.clock.now()
  const decision = decide({ ...found, ...evidence, digest: input.digest }, { ...terms, now })
  const counts = countsOf(found.findings, decision)
  const finished = new Date(now).toISOString()
  const shown = { found, decision, base: await baseOf(input, openOf(found, decision), context), platforms: scanned.length }
  const name = input.name ?? repositoryOf(context.source.repository) ?? 'image'
  const sarif = sarifOf({ findings: found.findings, subjects: scanned.map(({ subject }) => subject), name, excuses: excusesOf(decision) })
  tell({ shown, counts, left: sarif.left }, context)
  await upload(sarif.compressed)
  const { verdict } = decision
  const about = { ...evidence, input: { digest: input.digest, name }, decision, counts, terms, finished, base: shown.base }
  const report = reportOf(about)
  const result = {
    outputs: {
      ...gateOutputs(decision, found.findings, { digest: input.digest, name, finished }),
      ...{ verdict, ...counts, severities: severitiesOf(found.findings, decision), report },
      ...{ policy: terms.digest, databaseDate, sarif: sarif.text },
    },
    record: {
      findings: {
        ...{ subject: input.digest, severities: counts, verdict, policy: terms.digest, finished },
        ...{ report: outputPath('scan', 'report'), file: sha256(report), databaseDate, ...comparedWith(terms.baseline) },
      },
    },
    headline: headlineOf(scanned, { decision, counts, databaseDate }),
    summary: summaryOf(shown),
  }
  if (verdict === 'pass') return result
  const failure = scanRefused(`${input.digest} does not pass the gate: ${decision.reasons.join('; ')}.`, {
    hint: 'read the table above: take the fixed versions, or write an exception that expires',
    safe: 'nothing was changed',
  })
  return { ...result, failure }
})

interface Told {
  readonly shown: Shown
  readonly counts: Counts
  /** Results that SARIF has no room for. */
  readonly left: number
}

function tell({ shown, counts, left }: Told, { log }: Pick<Context<never>, 'log'>): void {
  log.untrusted(tableOf(shown, counts))
  for (const { id, license, owner, origin } of shown.decision.unused)
    log.info('an exception is about nothing that was found', { id: id ?? license ?? 'any', owner, origin })
  if (left > 0) log.warn('not all findings fit into SARIF: the least severe are left out', { left })
}

/** `acme/app` of `https://github.com/acme/app.git`. */
function repositoryOf(url: string | undefined): string | undefined {
  const path = URL.parse(url ?? '')?.pathname.replace(/^\/+|(?:\.git)?\/*$/g, '')
  return path === '' ? undefined : path
}

function openOf({ findings }: Found, { excepted }: Decision): readonly Finding[] {
  const excused = new Set(excepted.map(({ finding }) => finding))
  return findings.filter((finding) => !excused.has(finding))
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
