import { join, resolve } from 'node:path'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { findingsOfReports, type NamedReport } from '../../domain/findings/reports/findings-of.ts'
import { parseReport } from '../../domain/findings/reports/read-report.ts'
import { type HarborReport, type HarborSbom, scanWithHarbor } from '../../domain/harbor/scan.ts'
import { loginTo } from '../../domain/oci/auth/login.ts'
import { originOf } from '../../domain/oci/endpoint.ts'
import { ensureFolder, writeAtomic } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { inputsInvalid } from '../../spec/errors.ts'
import { datedOf, type Heard } from './heard.ts'
import type { Scene } from './scanned.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What the scanner of Harbor finds in an image that was pushed there, on each platform. @throws the errors of a scan by Harbor */
export async function byHarbor(input: Input, { targets }: Scene, context: Context<'subject'>): Promise<Heard> {
  const place = input.harborImage === undefined ? undefined : parseReference(input.harborImage)
  if (place === undefined || isReferenceFault(place))
    throw inputsInvalid('source: harbor needs harbor-image, the repository that the image was pushed to.', {
      hint: 'harbor-image: harbor.example.com/project/app',
    })
  const { registry, repository } = place
  const { username, password, plainHttp } = input
  const given = username === undefined || password === undefined ? undefined : { username, password }
  const credential = await loginTo(registry, context, given).credential(repository)
  const request = {
    ...{
      origin: await originOf(registry, plainHttp ? 'always' : 'auto', context.http),
      repository,
      digest: input.digest,
      patience: input.scannerTimeout,
      sbom: input.harborSboms !== undefined,
    },
    ...(credential?.kind === 'password' ? { credential } : {}),
  }
  const { version, scanner, database, reports, sboms } = await scanWithHarbor(request, context)
  if (input.harborSboms !== undefined) await writeSboms(sboms, resolve(context.files.workspace, input.harborSboms))
  const named = reports.map((one) => reportOf(one, input.digest))
  const date = database === undefined ? (named.map(({ report }) => report.written).toSorted()[0] ?? '') : new Date(database).toISOString()
  const program = ['harbor', version, scanner.name, scanner.version].filter((part) => part !== undefined && part !== '').join(' ')
  context.log.info('harbor', { image: input.harborImage, program, date })
  return {
    found: findingsOfReports(named, { root: input.digest, targets, mayAssume: false, coverAll: true }),
    facts: [{ source: 'harbor', modified: date, program, image: `${input.harborImage}@${input.digest}` }],
    dates: [datedOf('harbor', date)],
  }
}

/** One file for each platform, by the digest of its image. */
async function writeSboms(sboms: readonly HarborSbom[], folder: string): Promise<void> {
  await ensureFolder(folder)
  for (const { digest, text } of sboms) await writeAtomic(join(folder, `${digest.replace(':', '-')}.spdx.json`), text, { mode: 0o644 })
}

/** Harbor says itself what each report is of: of a platform, or of what it was asked for. */
function reportOf({ digest, mediaType, document }: HarborReport, root: Input['digest']): NamedReport {
  const where = `the report of Harbor on ${digest}`
  const report = parseReport({ [mediaType]: document }, where)
  const reported = report.reported.map((one) => ({ ...one, digests: [] }))
  return { report: { ...report, reported, about: { digests: [digest, root], diffIds: [] } }, where }
}
