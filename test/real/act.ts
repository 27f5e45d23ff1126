import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { repository } from './example.ts'
import { end, output } from './program.ts'

/** A line of `act --json`, as far as it is looked at here. */
interface Line {
  readonly msg: string
  readonly raw_output?: boolean
  readonly stage?: string
  readonly stepID?: readonly string[]
  readonly stepResult?: string
  readonly jobResult?: string
  /** A workflow command of the step: `error`, `set-output` and so on. */
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly kvPairs?: Readonly<Record<string, string>>
}

export interface WorkflowRun {
  readonly result: string
  /** By the step's `id`, or its number from 0. */
  readonly results: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly annotations: readonly { readonly level: string; readonly message: string; readonly at: Readonly<Record<string, string>> }[]
  /** What the steps printed. */
  readonly log: string
}

export interface WorkflowOptions {
  /** The user's repository: a folder with a commit. */
  readonly project: string
  /** Where the actions lie, as {@link exportActions} left them. */
  readonly actions: string
  /** For act's own files. */
  readonly cache: string
  readonly vars: Readonly<Record<string, string>>
  readonly token: string
  /** Of the repository, beside that token. */
  readonly secrets?: Readonly<Record<string, string>>
  /** What the job's environment has beside it. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a runner downloads for `uses: slipway-ci/slipway/…`: the archive of this repository as it lies here, as if committed now. */
export async function exportActions(to: string): Promise<void> {
  // An index of its own: the one of the repository stays as it is.
  const git = (...argv: string[]): Promise<string> =>
    output(['git', ...argv], { cwd: repository, env: { ...process.env, GIT_INDEX_FILE: `${to}.index` } })
  await git('add', '--all')
  const tree = (await git('write-tree')).trim()
  await git('archive', '--output', `${to}.tar`, tree)
  mkdirSync(to)
  await output(['tar', '-xf', `${to}.tar`, '-C', to])
}

/** Makes a folder a repository with one commit, as if cloned from GitHub. */
export async function commitAll(folder: string): Promise<string> {
  const git = (...argv: string[]): Promise<string> =>
    output(['git', '-c', 'user.name=e2e', '-c', 'user.email=e2e@example.com', ...argv], { cwd: folder })
  await git('init', '--quiet', '--initial-branch=main')
  await git('remote', 'add', 'origin', 'https://github.com/acme/hello-node.git')
  await git('add', '--all')
  await git('commit', '--quiet', '--message=hello')
  return (await git('rev-parse', 'HEAD')).trim()
}

/** Runs the workflow of a push event under act, on this machine. Its log stays in `.cache/results/e2e-logs`. */
export async function runWorkflow({ project, actions, cache, vars, token, secrets = {}, env = {} }: WorkflowOptions): Promise<WorkflowRun> {
  const argv = [
    'act',
    'push',
    '--json',
    '--platform',
    'ubuntu-latest=-self-hosted',
    '--no-cache-server',
    '--action-cache-path',
    join(cache, 'act'),
  ]
  const pairs = (flag: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  const settings = [...pairs('--var', vars), ...pairs('--env', env), ...pairs('--secret', { GITHUB_TOKEN: token, ...secrets })]
  const { stdout, stderr } = await end([...argv, '--local-repository', `slipway-ci/slipway@v1=${actions}`, ...settings], {
    cwd: project,
    env: { ...process.env, XDG_CACHE_HOME: cache },
  })
  const text = `${stdout}\n${stderr}`
  const logs = join(repository, '.cache', 'results', 'e2e-logs')
  mkdirSync(logs, { recursive: true })
  writeFileSync(join(logs, `${basename(project)}.ndjson`), text)
  return read(text)
}

function read(text: string): WorkflowRun {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => JSON.parse(line))
  const step = (line: Line): string => line.stepID?.join('/') ?? ''
  const main = lines.filter(({ stage }) => stage === 'Main')
  return {
    result: lines.find(({ jobResult }) => jobResult !== undefined)?.jobResult ?? `none: ${text}`,
    results: Object.fromEntries(main.flatMap((line) => (line.stepResult === undefined ? [] : [[step(line), line.stepResult]]))),
    outputs: Object.fromEntries(
      main.flatMap((line) => (line.command === 'set-output' ? [[`${step(line)}.${line.name ?? ''}`, line.arg ?? '']] : [])),
    ),
    annotations: main.flatMap(({ command = '', arg = '', kvPairs = {} }) =>
      ['error', 'warning', 'notice'].includes(command) ? [{ level: command, message: arg, at: kvPairs }] : [],
    ),
    log: main.flatMap(({ raw_output, msg }) => (raw_output === true ? [msg] : [])).join(''),
  }
}
