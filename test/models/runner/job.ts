import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StepOptions } from '../runner.ts'

export const commandFiles = ['output', 'state', 'step_summary', 'env', 'path'] as const

/** What surrounds a step: folders, variables, command files. */
export interface Job {
  readonly workspace: string
  readonly temporary: string
  readonly tracking: string
  readonly environment: Record<string, string>
  readonly files: Readonly<Record<(typeof commandFiles)[number], string>>
}

/** Makes a job's folders and files, and the variables that lead to them. */
export function prepareJob(options: StepOptions): Job {
  const root = mkdtempSync(join(tmpdir(), 'slipway-runner-'))
  const [temporary, ownWorkspace, home] = ['temp', 'work', 'home'].map((name) => join(root, name)) as [string, string, string]
  for (const folder of [join(temporary, '_runner_file_commands'), ownWorkspace, home]) mkdirSync(folder, { recursive: true })
  const path = (name: string): string => join(temporary, '_runner_file_commands', `${name}_${randomUUID()}`)
  const files = { output: path('output'), state: path('state'), step_summary: path('step_summary'), env: path('env'), path: path('path') }
  for (const name of commandFiles) writeFileSync(files[name], name === 'step_summary' ? (options.summary ?? '') : '')
  const workspace = options.workspace ?? ownWorkspace
  const tracking = `github_${randomUUID()}`
  const environment = {
    PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
    ...{
      HOME: home,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: temporary,
      RUNNER_TRACKING_ID: tracking,
    },
    ...{ GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/app', GITHUB_ACTOR: 'octocat', GITHUB_REF: 'refs/heads/main' },
    ...{ GITHUB_SHA: 'f'.repeat(40), GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1' },
    ...Object.fromEntries(commandFiles.map((name) => [`GITHUB_${name.toUpperCase()}`, files[name]])),
    ...Object.fromEntries(Object.entries(options.inputs ?? {}).map(([name, value]) => [inputVariable(name), value])),
    ...Object.fromEntries([...(options.state ?? [])].map(([name, value]) => [`STATE_${name}`, value])),
    ...options.environment,
  }
  return { workspace, temporary, tracking, environment, files }
}

/** Handler.cs, AddInputsToEnvironment: blanks become underscores, dashes stay. */
function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}
