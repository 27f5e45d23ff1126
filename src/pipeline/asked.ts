import type { Task } from '../spec/execute.ts'
import { inputOf } from '../spec/parse-inputs.ts'
import type { Journal, RunLine } from './journal.ts'
import type { Override } from './steps.ts'

/** How a run is asked for. */
export interface Asked {
  /** The pipeline file as the user gave it. */
  readonly file: string | undefined
  readonly overrides: readonly Override[]
  /** Whether to sign, attest and verify, also where the pipeline does not say so. */
  readonly sign: boolean
}

/** A resumed run is asked for what the first one was; what is given now goes before that. */
export function askedAgain(now: Asked, journal: Journal | undefined): Asked {
  const earlier = (journal?.run.given ?? []).map((given): Override => ({ ...given, where: 'the first run' }))
  const overrides = new Map([...earlier, ...now.overrides].map((override) => [`${override.task}.${override.input}`, override]))
  return { file: now.file ?? journal?.run.file, overrides: [...overrides.values()], sign: now.sign || journal?.run.sign === true }
}

/** The first line of a journal. Values of secret inputs are left out: a resumed run asks for them again. */
export function runLineOf({ file, overrides, sign }: Asked, tasks: readonly Task[]): RunLine {
  const given = overrides
    .filter((override) => !isSecret(override, tasks))
    .map(({ task, input, value }) => ({ task, input, value: plain(value) }))
  return { schemaVersion: '1.0', kind: 'run', given, ...(file === undefined ? {} : { file }), ...(sign ? { sign } : {}) }
}

/** Whether a value that must not be written down was given; the name of a variable may be. */
function isSecret({ task, input, value }: Override, tasks: readonly Task[]): boolean {
  const definition = tasks.find((candidate) => candidate.definition.name === task)?.definition
  const isVariable = typeof value === 'object' && 'env' in value
  return !isVariable && definition !== undefined && inputOf(definition, input)?.kind.name === 'secret'
}

function plain(value: Override['value']): RunLine['given'][number]['value'] {
  return typeof value === 'string' || 'env' in value ? value : [...value]
}
