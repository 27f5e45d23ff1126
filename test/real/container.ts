import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output } from './program.ts'

/** The parts of an OCI runtime configuration that are changed here. */
interface RuntimeConfig {
  process: { terminal: boolean; env: string[]; user: { uid: number; gid: number }; args: string[] }
  root: { readonly: boolean }
  linux: { namespaces: { type: string }[] }
}

export interface Container {
  /** The first line that the program printed. */
  readonly firstLine: string
  /** Sends SIGTERM and resolves with the exit status. */
  stop(): Promise<number | null>
}

/** What an unpacked bundle will run, as `umoci` made it from the image's configuration. */
export function readConfig(bundle: string): RuntimeConfig {
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as RuntimeConfig
}

/** Runs an unpacked bundle under runc: as the image's own user, on a read-only root, in this machine's network. */
export async function startContainer(bundle: string, env: Readonly<Record<string, string>>): Promise<Container> {
  const config = readConfig(bundle)
  config.process.terminal = false
  config.process.env.push(...Object.entries(env).map(([name, value]) => `${name}=${value}`))
  config.root.readonly = true
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network')
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))

  const id = `slipway-${process.pid}-${Date.now()}`
  const runc = ['runc', '--root', join(bundle, 'state')]
  const child = spawn('runc', [...runc.slice(1), 'run', '--bundle', bundle, id], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const printed = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
  const firstLine = await Promise.race([
    printed,
    exited.then((status) => {
      throw new Error(`the container ended with ${status}: ${errors}`)
    }),
  ])
  return {
    firstLine: firstLine.split('\n', 1)[0] ?? '',
    stop: async () => {
      await output([...runc, 'kill', id, 'TERM'])
      return exited
    },
  }
}
