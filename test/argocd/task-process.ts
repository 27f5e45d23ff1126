import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Inputs, Outcome } from './scene.ts'

const repository = join(import.meta.dirname, '../..')

/** `argocd-sync` as a step of a GitHub job: a process of its own, from the bundle. */
export async function syncProcess(inputs: Inputs, cancel?: AbortSignal): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-argocd-'))
  const [output, state, summary] = ['output', 'state', 'summary'].map((name) => join(folder, name))
  for (const file of [output, state, summary]) writeFileSync(file ?? '', '')
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const files = { GITHUB_OUTPUT: output, GITHUB_STATE: state, GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: folder }
  const { PATH, NODE_COMPILE_CACHE } = process.env
  // The lab's server speaks plain HTTP, beside a node not on loopback.
  const SLIPWAY_INSECURE_HOSTS = URL.parse(inputs['server'] ?? '')?.hostname
  const environment = {
    SLIPWAY_INSECURE_HOSTS,
    PATH,
    NODE_COMPILE_CACHE,
    GITHUB_ACTIONS: 'true',
    ...files,
    RUNNER_TEMP: folder,
    HOME: folder,
  }
  const child = spawn(process.execPath, entry(), {
    ...{ cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...environment, ...Object.fromEntries(given) },
  })
  cancel?.addEventListener('abort', () => child.kill('SIGTERM'))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  const result = outputs(readFileSync(output ?? '', 'utf8'))['result'] ?? ''
  rmSync(folder, { recursive: true, force: true })
  return { result, exit: code ?? (signal === 'SIGTERM' ? 143 : 1), log }
}

/** The bundle, or what `SLIPWAY_SOURCES` asks for: the sources as they lie there. */
function entry(): readonly string[] {
  const bundle = join(repository, 'dist/argocd-sync/index.js')
  if (process.env['SLIPWAY_SOURCES'] === undefined && existsSync(bundle)) return [bundle]
  const source = join(process.env['SLIPWAY_SOURCES'] ?? repository, 'src/cli/entry.ts')
  return ['--input-type=module', '--eval', `const { runTask } = await import(${JSON.stringify(source)}); await runTask('argocd-sync')`]
}

/** `name=value`, or `name<<END` and lines up to END. */
function outputs(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/^([^\s=<]+)(?:<<(\S+)\n([\s\S]*?)\n?\2$|=(.*)$)/gm)]
  return Object.fromEntries(pairs.map(([, name = '', , long, short]) => [name, long ?? short ?? '']))
}
