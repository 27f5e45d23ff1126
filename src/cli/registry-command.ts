import { resolve } from 'node:path'
import type { RegistryCredentials } from '../domain/registry/access.ts'
import { readFaultFile } from '../domain/registry/faults/fault-file.ts'
import { createFaultRegistry } from '../domain/registry/faults/fault-registry.ts'
import { type LogFile, openLogFile } from '../domain/registry/faults/log-file.ts'
import { type ProfileName, profileNames, profiles } from '../domain/registry/faults/profiles.ts'
import { createRegistry } from '../domain/registry/registry.ts'
import { readText } from '../io/files.ts'
import { type Handler, listen } from '../io/server.ts'
import type { Log } from '../spec/ports.ts'
import { usage } from './errors.ts'
import { type Flag, parseFlags } from './flags.ts'
import { section } from './help.ts'

const flags = [
  { name: 'root', kind: 'value', term: 'folder', summary: 'The folder that holds everything. Default: .slipway/registry' },
  { name: 'host', kind: 'value', term: 'address', summary: 'The address to listen on. Default: 127.0.0.1, this machine only' },
  { name: 'port', kind: 'value', term: 'number', summary: 'Default: 0, any free one' },
  {
    name: 'fault',
    kind: 'value',
    term: 'file',
    summary: 'What goes wrong, when and how often: rules in YAML or JSON, as in schemas/faults.schema.json.',
  },
  { name: 'profile', kind: 'value', term: 'name', summary: `The quirks of a registry: ${profileNames.join(', ')}.` },
  {
    name: 'credentials',
    kind: 'value',
    term: 'file',
    summary: 'A line `user:password` to ask for, in the way of the profile. Never a real one.',
  },
  { name: 'log', kind: 'value', term: 'file', summary: 'Where each request is appended as a line of JSON, without credentials.' },
] as const satisfies readonly (Flag & { readonly term: string; readonly summary: string })[]

type FlagName = (typeof flags)[number]['name']

export interface Surrounding {
  /** Absolute. */
  readonly workingFolder: string
  readonly log: Log
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** `slipway registry`: serves until it is stopped, which is no failure, as with other servers. @throws SW-USAGE, SW-LISTEN-FAILED, SW-FAULT-FILE, SW-FILE-* */
export async function serveRegistry(argv: readonly string[], { workingFolder, log, signal, print }: Surrounding): Promise<void> {
  const { values } = parseFlags(argv, flags, { command: 'slipway registry', positionals: 0 })
  const value = (name: FlagName): string | undefined => values.get(name)?.toString()
  const path = (name: FlagName): string | undefined => {
    const given = value(name)
    return given === undefined ? undefined : resolve(workingFolder, given)
  }
  const root = path('root') ?? resolve(workingFolder, '.slipway/registry')
  const profile = profileOf(value('profile'))
  const port = portOf(value('port') ?? '0')
  const onError = (error: unknown): void => log.error('a request failed', { reason: String(error) })
  const logFile = logFileOf(path('log'), log)
  const handler = await handlerOf({ root, log, profile, logFile, fault: path('fault'), credentials: path('credentials') })
  const listening = await listen(handler, { host: value('host') ?? '127.0.0.1', port, onError })
  print(`registry  ${listening.address}  ${root}`)
  if (profile !== undefined) print(`profile   ${profile}  ${profiles[profile].summary}`)
  await new Promise<void>((stop) => {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', () => stop(), { once: true })
  })
  await listening.close()
  await logFile?.close()
}

/** `slipway registry --help` */
export function registryHelp(columns: number): string {
  return [
    'slipway registry: an OCI registry (distribution-spec 1.1) served from a folder until it is stopped.',
    'SIGINT and SIGTERM end it with exit code 0: to serve until then is all that it has to do.',
    'With --fault, --profile or --log it is one to certify a client with: docs/guides/fault-registry.md.',
    '',
    ...section(
      'flags',
      flags.map(({ name, term, summary }) => [`--${name} <${term}>`, summary] as const),
      columns,
    ),
    '',
    'example  slipway registry --root /tmp/registry --port 5000',
    'example  slipway registry --profile ecr --fault examples/faults.yaml --log requests.jsonl',
    '',
  ].join('\n')
}

interface Served {
  readonly root: string
  readonly log: Log
  readonly profile: ProfileName | undefined
  readonly logFile: LogFile | undefined
  readonly fault: string | undefined
  readonly credentials: string | undefined
}

/** The plain registry, unless something was asked for that it does not do. */
async function handlerOf({ root, log, profile, logFile, fault, credentials }: Served): Promise<Handler> {
  const account = credentials === undefined ? undefined : await credentialsOf(credentials)
  if (profile === undefined && fault === undefined && logFile === undefined) return createRegistry({ root, log, credentials: account })
  const { handler } = await createFaultRegistry({
    ...{ root, log, profile, credentials: account },
    ...(fault === undefined ? {} : { faults: await readFaultFile(fault) }),
    ...(logFile === undefined ? {} : { onAnswer: logFile.add }),
  })
  return handler
}

async function credentialsOf(file: string): Promise<RegistryCredentials> {
  const [, username, password] = /^([^:\r\n]+):([^\r\n]+)\r?\n?$/.exec(await readText(file, 4096)) ?? []
  if (username !== undefined && password !== undefined) return { username, password }
  throw usage(`--credentials ${file} is not one line of user:password`)
}

function logFileOf(path: string | undefined, log: Log): LogFile | undefined {
  return path === undefined
    ? undefined
    : openLogFile(path, (error) => log.error('requests are logged no longer', { reason: String(error) }))
}

function profileOf(text: string | undefined): ProfileName | undefined {
  const profile = profileNames.find((name) => name === text)
  if (text === undefined || profile !== undefined) return profile
  throw usage(`--profile is "${text}", expected one of ${profileNames.join(', ')}`)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw usage(`--port is "${text}", expected a whole number from 0 to 65535`)
  return port
}
