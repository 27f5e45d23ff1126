import { resolve } from 'node:path'
import type { Dated } from '../../domain/advisories/dated.ts'
import type { Found } from '../../domain/findings/find.ts'
import { findingsOfReports, type NamedReport } from '../../domain/findings/reports/findings-of.ts'
import { readReport } from '../../domain/findings/reports/read-report.ts'
import type { Subjects, Target } from '../../domain/findings/reports/subjects.ts'
import { type Program, programOf } from '../../domain/findings/scanners/program.ts'
import { runScanner } from '../../domain/findings/scanners/run-scanner.ts'
import { scanners } from '../../domain/findings/scanners/scanners.ts'
import { singleImage } from '../../domain/findings/scanners/single-image.ts'
import type { Layout } from '../../domain/oci/layout.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanNothing } from './errors.ts'
import type { Opened, Scene } from './scanned.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** A source that was asked, for the report and the gate. */
export interface SourceFacts {
  readonly source: string
  /** How old what it knows is, RFC 3339; empty when it does not say. */
  readonly modified: string
  readonly [more: string]: string | number | undefined
}

export interface Heard {
  readonly found: Found
  readonly facts: readonly SourceFacts[]
  /** Of those that say how old they are. */
  readonly dates: readonly Dated[]
}

/** What the files of `reports` say; `alone`: nobody else is asked. @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID, SW-SCAN-REPORT-SUBJECT */
export async function byReports(
  input: Input,
  { scene: { targets }, context, alone }: { readonly scene: Scene; readonly context: Context<'subject'>; readonly alone: boolean },
): Promise<Heard> {
  const { files, log, progress } = context
  const reports: NamedReport[] = []
  for (const where of input.reports) {
    progress.doing(`reading ${where}`)
    const report = await readReport(resolve(files.workspace, where), where)
    const { source, program, date, reported } = report
    log.info('report', { file: where, source, program, date, vulnerabilities: reported.length })
    if (date === '') log.warn('a report does not say how old its advisories are', { file: where, source })
    reports.push({ report, where })
  }
  const subjects: Subjects = { root: input.digest, targets, mayAssume: input.reportSubject === 'assumed', coverAll: alone }
  return {
    found: findingsOfReports(reports, subjects),
    facts: reports.map(({ report: { source, program, date }, where }) => ({ source, modified: date, program, file: where })),
    dates: reports.flatMap(({ report: { date }, where }) => datedOf(where, date)),
  }
}

/** What a program of the user finds in each platform. @throws SW-SCANNER-UNFIT, SW-SCANNER-DATABASE, SW-SCANNER-FAILED */
export async function byScanner(
  name: keyof typeof scanners,
  input: Input,
  { scene, context }: { readonly scene: Scene; readonly context: Context<'subject'> },
): Promise<Heard> {
  const { opened } = scene
  if (opened === undefined) throw scanNothing(`${name} scans images, and there is no \`layout\`.`, { hint: 'layout: FOLDER' })
  const program = await programOf(scanners[name], wantedOf(name, input, context), context)
  const { path, digest, version } = program
  context.log.info('scanner', { name, path, version, digest })
  const found: Found[] = []
  let date = ''
  for (const [done, target] of scene.targets.entries()) {
    context.progress.doing(`${name} on ${target.subject.platform}`, { done, total: scene.targets.length, unit: 'items' })
    const layout = await single(target, opened, context)
    const report = await runScanner(program, { layout, timeout: input.scannerTimeout }, context)
    date = report.date
    found.push(
      findingsOfReports([{ report, where: `the report of ${name}` }], {
        root: input.digest,
        targets: [target],
        mayAssume: false,
        coverAll: true,
      }),
    )
  }
  return {
    found: { findings: found.flatMap(({ findings }) => findings), unscanned: found.flatMap(({ unscanned }) => unscanned) },
    facts: [{ source: name, modified: date, program: path, version, digest }],
    dates: datedOf(name, date),
  }
}

async function single(target: Target, { layout, open, images }: Opened, { files }: Context<'subject'>): Promise<Layout> {
  const image = images.get(target)
  if (image === undefined) throw new Error(`no image of ${target.subject.platform}`)
  return singleImage(await files.temporary('image'), { layout, image, open })
}

function wantedOf(
  name: Program['scanner']['name'],
  input: Input,
  { environment, files }: Context<'subject'>,
): Parameters<typeof programOf>[1] {
  const { program, digest, cache } = {
    trivy: { program: input.trivyProgram, digest: input.trivyDigest, cache: input.trivyCache ?? environment['TRIVY_CACHE_DIR'] },
    grype: { program: input.grypeProgram, digest: input.grypeDigest, cache: input.grypeCache ?? environment['GRYPE_DB_CACHE_DIR'] },
  }[name]
  return { program, digest, cache: cache === undefined ? undefined : resolve(files.workspace, cache) }
}

/** The age of a source, where it says one. */
export function datedOf(what: string, date: string): readonly Dated[] {
  return Number.isFinite(Date.parse(date)) ? [{ what, date, silence: 0 }] : []
}
