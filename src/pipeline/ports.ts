import { isAbsolute, join, posix, relative, sep } from 'node:path'
import { systemClock } from '../io/clock.ts'
import { createPlaces, readText, TemporaryFolders } from '../io/files.ts'
import { createProcesses } from '../io/process.ts'
import { ProcessGroups } from '../io/process-group.ts'
import { createTransport } from '../io/transport.ts'
import type { Fact } from '../report/events.ts'
import type { Host } from '../spec/host.ts'
import type { Clock, Http, Places, Ports, Source } from '../spec/ports.ts'
import { checkoutOf } from './checkout.ts'
import { defined, redacted, voiceOf } from './voice.ts'

export interface SessionOptions {
  readonly host: Host
  /** Absolute: the host's workspace, or a folder below it. */
  readonly workspace: string
  readonly signal: AbortSignal
  /** Of Slipway. */
  readonly version: string
  /** Told everything that happens. */
  readonly emit: (fact: Fact) => void
  /** Whether messages and annotations go to the host as well: yes where the host has better means than our reporter. */
  readonly hostLog: boolean
}

/** What the tasks of one run share. */
export interface Session {
  readonly host: Host
  readonly signal: AbortSignal
  readonly version: string
  readonly files: Places
  readonly clock: Clock
  /** What the checkout says of itself, the same on every host; the rest from the host. */
  readonly source: Source
  /** Secrets in the texts of a fact are hidden. */
  emit(fact: Fact): void
  /** The ports of a task, whose name its events carry. */
  ports(task: string): Ports
  /** Removes temporary folders and closes connections. May be called again, also when the process exits. */
  close(): void
}

/** Joins a host and the doors to the outside: the only place where they meet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { host, workspace, signal, version } = options
  const emit = (fact: Fact): void => options.emit(redacted(fact, host.redactor))
  const clock = systemClock(signal)
  let current: string | undefined
  const voice = voiceOf(() => current, { ...options, emit })
  // Why a request waits is seen on the live line, and as one line of many in a log: no warning.
  const log = { ...voice.log, warn: voice.log.info }
  const { progress } = voice
  const http = createTransport({ userAgent: `slipway/${version}`, clock, log, progress, signal, ...(await network(host.environment)) })
  const folders = new TemporaryFolders(host.temporary)
  const groups = new ProcessGroups()
  const source: Source = { ...host.source, ...(await checkoutOf(workspace)) }
  const files = createPlaces({ workspace, state: join(workspace, '.slipway'), temporary: folders })
  const shared = { http, files: remembered(files, host), clock, groups }
  return {
    host,
    signal,
    version,
    files: shared.files,
    clock,
    source,
    emit,
    ports(task) {
      current = task
      return portsOf(task, { ...options, emit }, { ...shared, source })
    },
    close() {
      groups.kill()
      http.close()
      folders.removeAll()
    },
  }
}

interface Shared {
  readonly groups: ProcessGroups
  readonly http: Http
  readonly files: Places
  readonly clock: Clock
  readonly source: Source
}

function portsOf(task: string, options: SessionOptions, { groups, ...shared }: Shared): Ports {
  const { host, workspace, signal, emit } = options
  const voice = voiceOf(() => task, options)
  return {
    ...shared,
    ...voice,
    process: createProcesses({ environment: host.environment, workspace, signal, log: voice.log, redactor: host.redactor, groups }),
    signal,
    identity: host.identity(shared.http),
    secrets: { mask: host.mask },
    environment: host.environment,
    annotate(annotation) {
      const { file, ...rest } = annotation
      if (options.hostLog) host.annotate({ ...rest, file: fromHostWorkspace(file, options) })
      emit({ type: 'annotation', task, ...defined({ ...rest, file }) })
    },
  }
}

/** Proxies, authorities and exceptions of this machine. */
async function network(environment: Host['environment']) {
  const list = (name: string): string[] =>
    (environment[name] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  const authorities = environment['SSL_CERT_FILE']
  return {
    proxyEnv: environment,
    insecureHosts: list('SLIPWAY_INSECURE_HOSTS'),
    allowPrivate: list('SLIPWAY_PRIVATE_HOSTS'),
    ...(authorities ? { ca: await readText(authorities) } : {}),
  }
}

/** Temporary folders whose paths the host keeps for a clean-up after a killed run. */
function remembered(files: Places, host: Host): Places {
  let count = 0
  return {
    ...files,
    async temporary(prefix) {
      const folder = await files.temporary(`slipway-${prefix}`)
      count += 1
      host.remember(`temporary-${count}`, folder)
      return folder
    },
  }
}

/** Where a file is for the host, whose workspace may be a parent of ours. */
function fromHostWorkspace(file: string | undefined, { host, workspace }: SessionOptions): string | undefined {
  if (file === undefined || isAbsolute(file) || workspace === host.workspace) return file
  return posix.join(relative(host.workspace, workspace).split(sep).join('/'), file)
}
