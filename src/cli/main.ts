import { TaskError } from '../base/errors.ts'
import { Stopped } from '../host/signals.ts'
import { errorBlock } from '../report/error.ts'
import { exitLine, exitOf, failureOf } from '../report/failure.ts'
import { lookOf } from '../report/look.ts'
import { runCommand, taskCommand } from './commands.ts'
import { failures } from './conduct.ts'
import { taskNamed } from './find.ts'
import type { Machine } from './machine.ts'
import { version } from './version.ts'

/** The `slipway` command. @returns the exit code; never throws */
export async function main(argv: readonly string[], machine: Machine): Promise<number> {
  try {
    return await dispatch(argv, machine)
  } catch (error) {
    return tellError(error, machine)
  }
}

/** Tells of what failed before a run could tell it. @returns the exit code */
export function tellError(error: unknown, { host, surroundings, terminal }: Pick<Machine, 'host' | 'surroundings' | 'terminal'>): number {
  const columns = Math.min(terminal.size()?.columns ?? 100, 100)
  const block = errorBlock({ safe: 'nothing was done', ...failureOf(error, failures) }, lookOf(terminal), columns)
  const text = ['', ...block, '', exitLine(exitOf(error)), ''].join('\n')
  surroundings.write(host.redactor.redact(text), 'stderr')
  return exitOf(error)
}

async function dispatch(argv: readonly string[], machine: Machine): Promise<number> {
  const [command, ...rest] = argv
  const { host, tasks, terminal } = machine
  const columns = Math.min(terminal.size()?.columns ?? 100, 100)
  const definitions = tasks.map(({ definition }) => definition)
  const isHelp = rest.includes('--help') || rest.includes('-h')
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      host.write((await import('./help.ts')).mainHelp(definitions, columns))
      return command === undefined ? 2 : 0
    case '--version':
      host.write(`slipway ${version}\n`)
      return 0
    case 'run':
    case 'resume':
      if (command === 'run' && /^--as(?:=|$)/.test(rest[0] ?? '')) return (await import('./tekton/command.ts')).runAs(rest, machine)
      if (!isHelp) return runCommand(rest, machine, { resume: command === 'resume' })
      host.write((await import('./help.ts')).runHelp(definitions, columns))
      return 0
    case 'registry':
      return registry(rest, machine, { isHelp, columns })
    case 'keys':
      return keys(rest, machine, { isHelp, columns })
    case 'conformance':
      return conformance(rest, machine, { isHelp, columns })
    case 'explain': {
      const [{ explain }, { allErrors }] = await Promise.all([import('./explain.ts'), import('./errors-catalogue.ts')])
      host.write(explain(rest[0], allErrors, columns))
      return 0
    }
    default:
      return task(command, rest, { machine, isHelp, columns })
  }
}

async function task(name: string, argv: readonly string[], from: { machine: Machine; isHelp: boolean; columns: number }): Promise<number> {
  const { machine, isHelp, columns } = from
  const found = taskNamed(name, machine.tasks)
  if (!isHelp) return taskCommand(argv, machine, found)
  machine.host.write((await import('./help.ts')).taskHelp(found.definition, columns))
  return 0
}

async function registry(
  argv: readonly string[],
  { host, surroundings, stopOnSignals }: Machine,
  help: { isHelp: boolean; columns: number },
): Promise<number> {
  const { registryHelp, serveRegistry } = await import('./registry-command.ts')
  const print = (line: string): void => host.write(`${line}\n`)
  if (help.isHelp) print(registryHelp(help.columns).trimEnd())
  else {
    const { signal, release } = stopOnSignals((line) => host.log.info(line))
    await serveRegistry(argv, { workingFolder: surroundings.workingFolder, log: host.log, signal, print })
    release()
  }
  return 0
}

async function keys(argv: readonly string[], machine: Machine, help: { isHelp: boolean; columns: number }): Promise<number> {
  const { host, surroundings } = machine
  const { keysCommand, keysHelp } = await import('./keys-command.ts')
  const { workingFolder } = surroundings
  const print = (line: string): void => host.write(`${line}\n`)
  if (help.isHelp) {
    print(keysHelp(help.columns).trimEnd())
    return 0
  }
  const { openSession } = await import('../pipeline/ports.ts')
  const { signal, release } = machine.stopOnSignals((line) => host.log.info(line))
  const session = await openSession({ host, workspace: workingFolder, signal, version, emit: () => undefined, hostLog: true })
  try {
    const mask = (text: string): void => host.mask(text)
    await keysCommand(argv, { workingFolder, environment: host.environment, mask, print, ports: session.ports('keys') })
  } catch (error) {
    if (signal.reason instanceof Stopped) return signal.reason.exitCode
    throw error
  } finally {
    session.close()
    release()
  }
  return 0
}

/** The protocol knows two exit codes: what was asked for is so, or not, for whatever reason. */
async function conformance(argv: readonly string[], machine: Machine, help: { isHelp: boolean; columns: number }): Promise<number> {
  const { host, surroundings } = machine
  const { conformanceCommand, conformanceHelp } = await import('./conformance-command.ts')
  const print = (line: string): void => host.write(`${line}\n`)
  if (help.isHelp) {
    print(conformanceHelp(help.columns).trimEnd())
    return 0
  }
  const { openSession } = await import('../pipeline/ports.ts')
  const { workingFolder } = surroundings
  const { signal, release } = machine.stopOnSignals((line) => host.log.info(line))
  const session = await openSession({ host, workspace: workingFolder, signal, version, emit: () => undefined, hostLog: true })
  try {
    const ports = { ...session.ports('conformance'), environment: host.environment }
    await conformanceCommand(argv, { workingFolder, mask: (text) => host.mask(text), print, ports })
    return 0
  } catch (error) {
    // A block with its own exit code would say another one than the protocol has.
    if (error instanceof TaskError) surroundings.write(host.redactor.redact(`${error.code}: ${error.message}\n`), 'stderr')
    else tellError(error, machine)
    return 1
  } finally {
    session.close()
    release()
  }
}
