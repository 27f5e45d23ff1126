import type { Format } from '../../domain/testreport/model.ts'

/** Globs of what the command writes. */
export interface Where {
  /** In the folder that is made for this run. */
  readonly own?: readonly string[]
  /** In the project: relative to the working directory, or absolute. */
  readonly project?: readonly string[]
}

/** One run of a test command: what to start, and where its results will be. */
export interface Plan {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly reports: Where
  readonly coverage: Where
  /** The format of its stdout, when that is the report. */
  readonly stdout?: Format
  /** Whether its stdout is for machines: it is not shown, the failures are instead. */
  readonly quiet?: boolean
  /** Whether reports of an earlier run still hold, since the tool runs nothing that has not changed. */
  readonly keepsReports?: boolean
}

/** Folders of one run, absolute. */
export interface RunFolders {
  /** For its reports, which are kept. */
  readonly reports: string
  /** For what is gone with the task. */
  readonly temporary: string
}

/** A project whose tests we know how to run. */
export interface Runner {
  /** As people call it: `npm with jest`. */
  readonly name: string
  /** What people would type: `npm test`. */
  readonly command: string
  /** The file that told. */
  readonly because: string
  plan(folders: RunFolders): Plan
}

/** Where tools are usually told to write reports of tests. */
export const usualReports = [
  'junit*.xml',
  '*.trx',
  '{report,reports,test-results,test-reports,test-output}/**/*.{xml,trx,tap}',
  '{build,target,coverage,out}/{junit,reports,test-results,nextest}/**/*.xml',
  '**/target/surefire-reports/TEST-*.xml',
  '**/target/failsafe-reports/TEST-*.xml',
  '**/build/test-results/**/TEST-*.xml',
  '**/TestResults/**/*.trx',
]

/** Where tools are usually told to write their coverage. */
export const usualCoverage = [
  '{lcov.info,coverage.lcov,coverage.xml,cobertura.xml,coverage.out,cover.out,coverage.txt}',
  '{coverage,reports,report,build}/**/{lcov.info,cobertura-coverage.xml,cobertura.xml,coverage.xml}',
  '**/target/site/jacoco*/jacoco.xml',
  '**/build/reports/jacoco/**/*.xml',
  '**/TestResults/**/coverage.cobertura.xml',
]
