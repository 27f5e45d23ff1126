import { posix } from 'node:path'
import { Coverage } from '../../domain/testreport/line-coverage/coverage.ts'
import { detectCoverage, readCoverage } from '../../domain/testreport/line-coverage/read.ts'
import { openRead } from '../../io/files.ts'
import { type FaultyReport, shownPath } from './collect.ts'
import { type FoundFile, findFiles } from './find-files.ts'
import { usualCoverage, type Where } from './plan.ts'

export interface Measured {
  /** 0 to 100, exact; undefined when nothing was measured. */
  readonly percent: number | undefined
  readonly reports: readonly string[]
  readonly faults: readonly FaultyReport[]
}

export interface MeasureOptions {
  /** Absolute. */
  readonly workspace: string
  /** Absolute: the working directory. */
  readonly project: string
  /** Globs of the user's; when there are any, nothing else is looked at. */
  readonly given: readonly string[]
  /** What the last run of ours has left. */
  readonly run?: { readonly where: Where; readonly folder: string; readonly since: number | undefined }
}

/** Finds coverage reports in the way of {@link collect} and merges them, line by line. */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { given, project, run } = options
  if (given.length > 0) return read(await findFiles(project, given), options)
  const told =
    run === undefined ? [] : [...(await findFiles(run.folder, run.where.own ?? [])), ...(await findFiles(project, run.where.project ?? []))]
  const fromTool = await read(told, options)
  if (fromTool.percent !== undefined) return fromTool
  const usual = await findFiles(project, usualCoverage)
  return read(await coverageAmong(usual), options)
}

async function read(files: readonly FoundFile[], { workspace, project, run }: MeasureOptions): Promise<Measured> {
  const fresh = files.filter(({ modified }) => run?.since === undefined || modified >= run.since)
  const coverage = new Coverage()
  const faults: FaultyReport[] = []
  const normalise = (file: string): string => shownPath(posix.resolve(project, file), workspace)
  for (const { path } of fresh) {
    const report = shownPath(path, workspace)
    for (const fault of await readCoverage(coverage, openRead(path), { normalise })) faults.push({ ...fault, report })
  }
  return { percent: coverage.totals().percent, reports: fresh.map(({ path }) => shownPath(path, workspace)), faults }
}

async function coverageAmong(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const reports: FoundFile[] = []
  for (const file of files) {
    const head: Buffer[] = []
    for await (const chunk of openRead(file.path, { start: 0, end: 4095 })) head.push(chunk)
    if (detectCoverage(Buffer.concat(head)) !== undefined) reports.push(file)
  }
  return reports
}
