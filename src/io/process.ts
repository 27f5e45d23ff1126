import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, statSync, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { systemCode } from '../base/errors.ts'
import { Redactor } from '../base/redact.ts'
import type { Log, Processes, ProcessRequest, ProcessResult } from '../spec/ports.ts'
import { processNotStarted } from './errors.ts'
import { childEnvironment, type Environment } from './process-environment.ts'
import { findProgram, requireProgram } from './process-find.ts'
import { type ProcessGroup, ProcessGroups } from './process-group.ts'
import { collectOutput } from './process-output.ts'
import { fileError } from './system-errors.ts'

export interface ProcessesOptions {
  /** Our own environment, of which children get a part. */
  readonly environment: Environment
  /** Absolute: where programs run unless told otherwise. */
  readonly workspace: string
  readonly signal: AbortSignal
  readonly log: Log
  readonly redactor: Redactor
  /** Where what runs is kept, for whoever must end it at once. */
  readonly groups: ProcessGroups
}

/** The `Processes` port over the machine's own processes. */
export function createProcesses(given: Omit<ProcessesOptions, 'groups'> & Partial<ProcessesOptions>): Processes {
  const options = { groups: new ProcessGroups(), ...given }
  return {
    run: (request) => run(request, options),
    find: async (program) => findProgram(program, options.environment['PATH'], options.workspace),
  }
}

async function run(request: ProcessRequest, options: ProcessesOptions): Promise<ProcessResult> {
  options.signal.throwIfAborted()
  const started = performance.now()
  const copy = await openCopy(request.stdoutFile)
  const child = await start(request, options).catch((error: unknown) => {
    copy?.destroy()
    throw error
  })
  const group = options.groups.watch(child)
  const guard = guardGroup(group, request.timeout, options.signal)
  feed(child, request.stdin)
  const [output, exit] = await Promise.all([collect(child, request, { ...options, copy }), group.closed])
  guard.release()
  options.signal.throwIfAborted()
  await closeCopy(copy, request.stdoutFile)
  return { ...exit, ...output, timedOut: guard.timedOut(), duration: performance.now() - started }
}

async function start(request: ProcessRequest, options: ProcessesOptions): Promise<ChildProcess> {
  const [program = '', ...args] = request.argv
  const cwd = request.cwd ?? options.workspace
  const env = childEnvironment(options.environment, request.inherit ?? 'tool', request.env ?? {})
  if (!isFolder(cwd)) throw processNotStarted(`Cannot start ${JSON.stringify(program)}: its working folder ${cwd} does not exist.`)
  const path = requireProgram(program, env['PATH'], cwd)
  options.log.debug('starting a program', { program: path, arguments: args.length, cwd })
  try {
    const child = spawn(path, args, { cwd, env, argv0: program, detached: true, shell: false, stdio: ['pipe', 'pipe', 'pipe'] })
    await once(child, 'spawn')
    return child
  } catch (error) {
    throw startError(error, path)
  }
}

function startError(error: unknown, path: string): Error {
  const code = systemCode(error) ?? 'unknown error'
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'the interpreter named in its first line (#!), or its dynamic linker, is missing',
    EACCES: 'it may not be executed, or its file system is mounted noexec',
    E2BIG: 'its arguments and environment together are larger than the system takes',
    EAGAIN: 'the limit of processes is reached',
    ENOMEM: 'there is not enough memory',
    ERR_INVALID_ARG_VALUE: 'an argument or a variable contains a NUL character',
  }
  return processNotStarted(`Cannot start ${path}: ${reasons[code] ?? 'the system refuses'} (${code}).`, { cause: error })
}

/** Ends the group when the time is over or the run is aborted. */
function guardGroup(group: ProcessGroup, timeout: number | undefined, signal: AbortSignal): { timedOut(): boolean; release(): void } {
  let over = false
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          over = true
          group.end()
        }, timeout)
  signal.addEventListener('abort', group.end)
  if (signal.aborted) group.end()
  return {
    timedOut: () => over,
    release() {
      clearTimeout(timer)
      signal.removeEventListener('abort', group.end)
    },
  }
}

function feed(child: ChildProcess, stdin: string | Uint8Array | undefined): void {
  // EPIPE: a program need not read what it is given; its exit status tells the rest.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(stdin)
}

async function collect(
  child: ChildProcess,
  request: ProcessRequest,
  { redactor, log, copy }: { redactor: Redactor; log: Log; copy: WriteStream | undefined },
): Promise<{ stdout: string; stderr: string }> {
  if (child.stdout === null || child.stderr === null) throw new Error('spawn gave no pipes')
  const secret = { redactor: new Redactor(), echo: undefined }
  const common = { redactor, keep: request.keep ?? 1024 * 1024, echo: request.echo === true ? log : undefined }
  const [stdout, stderr] = await Promise.all([
    collectOutput(child.stdout, { ...common, ...(request.secretOutput === true ? secret : {}), copy }),
    collectOutput(child.stderr, { ...common, copy: undefined }),
  ])
  return { stdout, stderr }
}

async function openCopy(path: string | undefined): Promise<WriteStream | undefined> {
  if (path === undefined) return undefined
  const copy = createWriteStream(path, { mode: 0o600 })
  copy.on('error', () => undefined)
  try {
    await once(copy, 'open')
    return copy
  } catch (error) {
    throw fileError(error, 'write', path)
  }
}

async function closeCopy(copy: WriteStream | undefined, path = ''): Promise<void> {
  if (copy === undefined) return
  try {
    copy.end()
    await finished(copy)
  } catch (error) {
    throw fileError(error, 'write', path)
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
