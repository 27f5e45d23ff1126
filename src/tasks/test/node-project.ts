import { join } from 'node:path'
import * as v from 'valibot'
import { exists, readJson } from '../../io/files.ts'
import { nodeReports, reporterUrl, withReporter } from './node-reporter.ts'
import { type ToolName, toolOf, wholeScript } from './node-script.ts'
import type { Plan, RunFolders, Runner } from './plan.ts'
import { packageJson } from './schema.ts'

/** A Node project's scripts, and the program that starts them. */
export interface NodeProject {
  readonly manager: 'npm' | 'pnpm' | 'yarn'
  readonly scripts: Readonly<Record<string, string>>
}

/** What a test tool must be told so that it writes a report; `{}` stands for the folder. */
interface Tool {
  readonly args: readonly string[]
  readonly reports: readonly string[]
  readonly stdout?: 'tap'
  /** Whether its report takes the place of what people would read. */
  readonly quiet?: true
}

const tools: Readonly<Record<ToolName, Tool>> = {
  jest: { args: ['--json', '--outputFile={}/jest.json', '--testLocationInResults'], reports: ['jest.json'] },
  vitest: { args: ['--reporter=default', '--reporter=json', '--outputFile.json={}/vitest.json'], reports: ['vitest.json'] },
  mocha: { args: ['--reporter', 'xunit', '--reporter-option', 'output={}/mocha.xml'], reports: ['mocha.xml'], quiet: true },
  ava: { args: ['--tap'], reports: [], stdout: 'tap' },
  tap: { args: ['--reporter=tap'], reports: [], stdout: 'tap' },
}

/** The Node project in a folder; undefined without a package.json. */
export async function readNodeProject(folder: string): Promise<NodeProject | undefined> {
  const path = join(folder, 'package.json')
  if (!(await exists(path))) return undefined
  const parsed = v.safeParse(packageJson, await readJson(path))
  const { scripts, packageManager } = parsed.success ? parsed.output : { scripts: {}, packageManager: undefined }
  return { scripts, manager: await managerOf(folder, packageManager) }
}

/** How to run a project's test script; undefined when it has none. */
export function nodeRunner({ manager, scripts }: NodeProject, nodeOptions: string | undefined): Runner | undefined {
  const script = scripts['test']
  // What `npm init` writes.
  if (script === undefined || script.includes('no test specified')) return undefined
  const name = toolOf(script)
  return {
    name: name === undefined ? manager : `${manager} with ${name}`,
    command: `${manager} test`,
    because: 'package.json',
    plan: (folders) => {
      const { args, reports, stdout, quiet } = name === undefined ? { args: [], reports: [] } : tools[name]
      const told = args.map((arg) => arg.replace('{}', folders.reports))
      const plan: Plan = {
        argv: [manager, 'test', ...(manager === 'npm' && told.length > 0 ? ['--'] : []), ...told],
        reports: { own: reports },
        coverage: {},
        ...(stdout === undefined ? {} : { stdout }),
        ...(quiet === undefined ? {} : { quiet }),
      }
      return withNodeReporter(plan, { folders, nodeOptions, scripts: wholeScript('test', scripts) })
    },
  }
}

export interface ReporterPlace {
  readonly folders: RunFolders
  /** NODE_OPTIONS as they are; undefined when this Node cannot take a reporter. */
  readonly nodeOptions: string | undefined
  /** All scripts that will run. */
  readonly scripts: string
}

/** The plan with our reporter for `node --test` added, when the scripts leave room for it. Other tools do not notice. */
export function withNodeReporter(plan: Plan, { folders, nodeOptions, scripts }: ReporterPlace): Plan {
  const options = nodeOptions === undefined ? undefined : withReporter({ existing: nodeOptions, scripts, reporter: reporterUrl(folders) })
  if (options === undefined) return plan
  return {
    ...plan,
    env: { ...plan.env, NODE_OPTIONS: options },
    reports: { ...plan.reports, own: [...(plan.reports.own ?? []), nodeReports.reports] },
    coverage: { ...plan.coverage, own: [...(plan.coverage.own ?? []), nodeReports.coverage] },
  }
}

/** The scripts that a command starts, its own words included; undefined when it starts nothing of Node. */
export function scriptsOf(argv: readonly string[], project: NodeProject | undefined): string | undefined {
  const [program = '', ...words] = argv
  if (!/(?:^|\/)(?:node|npm|npx|pnpm|yarn)$/.test(program)) return undefined
  const names = words.filter((word) => !word.startsWith('-') && word !== 'run' && word !== 'run-script')
  const [name = ''] = names
  return [...argv, project === undefined ? '' : wholeScript(name, project.scripts)].join(' ')
}

async function managerOf(folder: string, named: string | undefined): Promise<NodeProject['manager']> {
  for (const manager of ['npm', 'pnpm', 'yarn'] as const) {
    if (named?.startsWith(`${manager}@`)) return manager
  }
  for (const [file, manager] of [
    ['package-lock.json', 'npm'],
    ['npm-shrinkwrap.json', 'npm'],
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
  ] as const) {
    if (await exists(join(folder, file))) return manager
  }
  return 'npm'
}
