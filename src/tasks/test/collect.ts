import { basename, relative } from 'node:path'
import { detectFormat, headBytes } from '../../domain/testreport/detect.ts'
import type { Format, ReportFault, TestCase } from '../../domain/testreport/model.ts'
import { readReport } from '../../domain/testreport/read.ts'
import { exists, isInside, openRead } from '../../io/files.ts'
import { type FoundFile, findFiles } from './find-files.ts'
import { usualReports, type Where } from './plan.ts'

/** What the reports of one run say. */
export interface Collected {
  readonly cases: readonly TestCase[]
  /** Paths of the reports that were read: relative to the workspace when they are in it. */
  readonly reports: readonly string[]
  readonly faults: readonly FaultyReport[]
  /** How many reports were left alone because they are older than the run. */
  readonly outdated: number
}

export interface FaultyReport extends ReportFault {
  readonly report: string
}

export interface CollectOptions {
  /** Absolute. */
  readonly workspace: string
  /** Absolute: the working directory. */
  readonly project: string
  /** Globs of the user's; when there are any, nothing else is looked at. */
  readonly given: readonly string[]
  readonly format: Format | undefined
  /** What a run of ours has left; undefined when only reports are judged. */
  readonly run?: {
    readonly where: Where
    readonly folder: string
    readonly stdout: string
    readonly stdoutFormat: Format | undefined
    /** Undefined when reports of an earlier run still hold. */
    readonly since: number | undefined
  }
}

/**
 * Finds and reads reports: those that were named, else those that the tool was told to write, else its stdout, else those in the
 * usual places. The first of these that has any is all there is, so that no test counts twice.
 */
export async function collect(options: CollectOptions): Promise<Collected> {
  const { project, given, run } = options
  if (given.length > 0) return readFresh(await findFiles(project, given), options)
  const told =
    run === undefined ? [] : [...(await findFiles(run.folder, run.where.own ?? [])), ...(await findFiles(project, run.where.project ?? []))]
  const fromTool = await readFresh(told, options)
  if (fromTool.reports.length > 0) return fromTool
  const printed = run === undefined ? nothing : await readStdout(run.stdout, run.stdoutFormat, options)
  if (printed.reports.length > 0) return printed
  const usual = await findFiles(project, usualReports)
  const found = await readFresh(await reportsAmong(usual), options)
  return { ...found, outdated: found.outdated + fromTool.outdated }
}

const nothing: Collected = { cases: [], reports: [], faults: [], outdated: 0 }

async function readFresh(files: readonly FoundFile[], options: CollectOptions): Promise<Collected> {
  const since = options.run?.since
  const fresh = files.filter(({ modified }) => since === undefined || modified >= since)
  const read: Collected[] = []
  for (const { path } of fresh) read.push(await readOne(path, shownPath(path, options.workspace), options))
  return { ...join(read), outdated: files.length - fresh.length }
}

/** A program that printed no report has printed something else: that is no fault. */
async function readStdout(path: string, told: Format | undefined, options: CollectOptions): Promise<Collected> {
  const format = options.format ?? told ?? (await formatOf(path))
  if (format === undefined || !(await exists(path))) return nothing
  const printed = await readOne(path, 'stdout', { ...options, format })
  return printed.faults.some(({ kind }) => kind === 'empty') ? nothing : { ...printed, reports: ['stdout'] }
}

/** Other XML lies in the usual places too. */
async function reportsAmong(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const reports: FoundFile[] = []
  for (const file of files) {
    if ((await formatOf(file.path)) !== undefined) reports.push(file)
  }
  return reports
}

async function formatOf(path: string): Promise<Format | undefined> {
  const head: Buffer[] = []
  for await (const chunk of openRead(path, { start: 0, end: headBytes - 1 })) head.push(chunk)
  const bytes = Buffer.concat(head)
  return bytes.length === 0 ? undefined : detectFormat(bytes, basename(path))
}

async function readOne(path: string, report: string, { format, workspace }: CollectOptions): Promise<Collected> {
  const { cases, faults } = await readReport(openRead(path), { name: basename(path), format })
  return {
    cases: cases.map((found) => ({ ...found, name: shortened(found.name, workspace), report })),
    reports: [report],
    faults: faults.map((fault) => ({ ...fault, report })),
    outdated: 0,
  }
}

/** Tools name a file that could not be loaded by its whole path. */
function shortened(name: string, workspace: string): string {
  return name.startsWith(`${workspace}/`) ? name.slice(workspace.length + 1) : name
}

/** Relative to the workspace when it is there. */
export function shownPath(path: string, workspace: string): string {
  return isInside(workspace, path) ? relative(workspace, path) : path
}

function join(parts: readonly Collected[]): Collected {
  return {
    cases: parts.flatMap(({ cases }) => cases),
    reports: parts.flatMap(({ reports }) => reports),
    faults: parts.flatMap(({ faults }) => faults),
    outdated: 0,
  }
}
