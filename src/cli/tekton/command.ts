import { join, resolve } from 'node:path'
import { workspaceName } from '../../base/names.ts'
import { taskParams } from '../../emit/tekton-task.ts'
import { Stopped } from '../../host/signals.ts'
import { ensureFolder, TemporaryFolders, writeAtomic } from '../../io/files.ts'
import type { Definition } from '../../spec/define.ts'
import { plainValues, requireFolder } from '../commands.ts'
import { usage } from '../errors.ts'
import { taskNamed } from '../find.ts'
import { type FlagValue, parseFlags } from '../flags.ts'
import type { Machine } from '../machine.ts'
import type { Bindings } from './containers.ts'
import { asHelp, flagsOf, secretNames } from './flags.ts'
import { startOn } from './on-this-machine.ts'
import { taskResource } from './resource.ts'
import { runSteps, type TaskEnd } from './run.ts'
import { endLines, headLines } from './show.ts'
import type { Params } from './substitution.ts'

/**
 * `slipway run --as tekton <task>`: one Task with the parameters, environment, paths and result files that it has in a pod, on this
 * machine. @returns the exit code of the Task @throws SW-USAGE
 */
export async function runAs(argv: readonly string[], machine: Machine): Promise<number> {
  const { definition, rest } = asked(argv, machine)
  const columns = Math.min(machine.terminal.size()?.columns ?? 100, 100)
  const print = (lines: readonly string[]): void => machine.host.write(lines.map((line) => `${line}\n`).join(''))
  if (rest.includes('--help') || rest.includes('-h')) {
    print(asHelp(definition, columns))
    return 0
  }
  const { values } = parseFlags(rest, flagsOf(definition), { command: commandOf(definition), positionals: 0 })
  const given = await bindingsOf(definition, { values, machine })
  const task = taskResource(definition)
  print(headLines(definition, task))
  const end = await withFolder(machine, (tekton, start) => runSteps(task, { ...given, tekton }, start))
  if (typeof end === 'number') return end
  print(endLines(end, task))
  await keepResults(end, { values, machine })
  return end.exitCode
}

function asked(argv: readonly string[], { tasks }: Machine): { readonly definition: Definition; readonly rest: readonly string[] } {
  const inline = /^--as=(.*)$/s.exec(argv[0] ?? '')?.[1]
  const [host, name = '', ...rest] = inline === undefined ? argv.slice(1) : [inline, ...argv.slice(1)]
  if (host !== 'tekton') throw usage(`--as is "${host ?? ''}", expected tekton`, { hint: 'slipway run --as tekton <task>' })
  if (name === '' || name.startsWith('-'))
    throw usage(`${name === '' ? 'Nothing' : `"${name}"`} stands where the task is expected`, { hint: 'slipway run --as tekton <task>' })
  return { definition: taskNamed(name, tasks).definition, rest }
}

function commandOf({ name }: Definition): string {
  return `slipway run --as tekton ${name}`
}

interface Given {
  readonly values: ReadonlyMap<string, FlagValue>
  readonly machine: Machine
}

async function bindingsOf(definition: Definition, given: Given): Promise<Omit<Bindings, 'tekton'>> {
  const plain = plainValues(given.values, given.machine.host.environment)
  const params: Record<string, Params[string]> = {}
  const missing: string[] = []
  for (const { name, type, default: fallback } of taskParams(definition)) {
    const value = plain.get(name)
    if (value !== undefined) params[name] = type === 'array' ? [value].flat() : String(value)
    else if (fallback === undefined) missing.push(`--${name}`)
    else params[name] = fallback
  }
  if (missing.length > 0) throw usage(`The Task has no default for ${missing.join(', ')}`, { hint: `${commandOf(definition)} --help` })
  const secrets: Record<string, Record<string, string>> = {}
  for (const { name, secret, key } of secretNames(definition)) {
    const value = plain.get(name)
    if (typeof value !== 'string') continue
    given.machine.host.mask(value)
    const place = String(params[secret])
    secrets[place] = { ...secrets[place], [String(params[key])]: value }
  }
  return { params, secrets, workspaces: await workspacesOf(given) }
}

/** The checkout is where the user stands, unless another folder is bound. @throws SW-USAGE */
async function workspacesOf({ values, machine: { host, surroundings } }: Given): Promise<Bindings['workspaces']> {
  const bound: Record<string, string> = { [workspaceName]: host.workspace }
  for (const text of texts(values.get('workspace'))) {
    const [, name = '', folder = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (name === '') throw usage(`--workspace is "${text}", expected <name>=<folder>`)
    bound[name] = resolve(surroundings.workingFolder, folder)
  }
  for (const folder of Object.values(bound)) await requireFolder(folder)
  return bound
}

function texts(value: FlagValue | undefined): readonly string[] {
  return value === undefined || (typeof value === 'object' && 'env' in value) ? [] : [value].flat()
}

/** Does the work with a folder that is gone afterwards. @returns the exit code where it was stopped from outside */
async function withFolder(
  { host, bundles, stopOnSignals }: Machine,
  work: (tekton: string, start: ReturnType<typeof startOn>['start']) => Promise<TaskEnd>,
): Promise<TaskEnd | number> {
  const folders = new TemporaryFolders(host.temporary)
  const { signal, release } = stopOnSignals((line) => host.log.info(line))
  const programs = startOn({ host, bundles, signal })
  try {
    return await work(join(folders.make('slipway-tekton'), 'tekton'), programs.start)
  } catch (error) {
    if (signal.reason instanceof Stopped) return signal.reason.exitCode
    throw error
  } finally {
    release()
    programs.close()
    folders.removeAll()
  }
}

async function keepResults({ results }: TaskEnd, { values, machine }: Given): Promise<void> {
  const [folder] = texts(values.get('results'))
  if (folder === undefined || results === undefined) return
  const path = resolve(machine.surroundings.workingFolder, folder)
  await ensureFolder(path)
  for (const [name, value] of results) await writeAtomic(join(path, name), value, { mode: 0o644 })
}
