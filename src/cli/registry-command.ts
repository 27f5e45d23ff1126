import { resolve } from 'node:path'
import { createRegistry } from '../domain/registry/registry.ts'
import { listen } from '../io/server.ts'
import type { Log } from '../spec/ports.ts'
import { usage } from './errors.ts'
import { type Flag, parseFlags } from './flags.ts'
import { section } from './help.ts'

const flags = [
  { name: 'root', kind: 'value', summary: 'The folder that holds everything. Default: .slipway/registry' },
  { name: 'host', kind: 'value', summary: 'The address to listen on. Default: 127.0.0.1, this machine only' },
  { name: 'port', kind: 'value', summary: 'Default: 0, any free one' },
] as const satisfies readonly (Flag & { readonly summary: string })[]

export interface Surrounding {
  /** Absolute. */
  readonly workingFolder: string
  readonly log: Log
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** `slipway registry`: serves until it is stopped. @throws SW-USAGE, SW-LISTEN-FAILED */
export async function serveRegistry(argv: readonly string[], { workingFolder, log, signal, print }: Surrounding): Promise<void> {
  const { values } = parseFlags(argv, flags, { command: 'slipway registry', positionals: 0 })
  const value = (name: string, fallback: string): string => String(values.get(name) ?? fallback)
  const root = resolve(workingFolder, value('root', '.slipway/registry'))
  const handler = await createRegistry({ root, log })
  const onError = (error: unknown): void => log.error('a request failed', { reason: String(error) })
  const listening = await listen(handler, { host: value('host', '127.0.0.1'), port: portOf(value('port', '0')), onError })
  print(`registry  ${listening.address}  ${root}`)
  await new Promise<void>((stop) => {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', () => stop(), { once: true })
  })
  await listening.close()
}

/** `slipway registry --help` */
export function registryHelp(columns: number): string {
  const rows = flags.map(
    ({ name, summary }) => [`--${name} <${name === 'port' ? 'number' : name === 'root' ? 'folder' : 'address'}>`, summary] as const,
  )
  return [
    'slipway registry: an OCI registry (distribution-spec 1.1) served from a folder until it is stopped.',
    '',
    ...section('flags', rows, columns),
    '',
    'example  slipway registry --root /tmp/registry --port 5000',
    '',
  ].join('\n')
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw usage(`--port is "${text}", expected a whole number from 0 to 65535`)
  return port
}
