import { kebab } from '../base/names.ts'
import type { Answer, Definition, Result, Run, Told } from './define.ts'
import { outputInvalid, outputTooLarge } from './errors.ts'
import { readInputs, secretsOf } from './inputs.ts'
import type { RawInputs } from './parse-inputs.ts'
import type { Block, Ports } from './ports.ts'
import { mergeOwn, mergeRecord } from './record/merge.ts'
import type { ReleaseRecord, Sections } from './record/record.ts'

/** A task as the registry holds it: its data at hand, its code loaded when it runs. */
export interface Task {
  readonly definition: Definition
  load(): Promise<Run<never>>
}

export interface Execution {
  readonly inputs: RawInputs
  readonly record: ReleaseRecord
  readonly ports: Ports
}

/** How a task ended. Every declared output is there, empty where it is not known. */
export interface Outcome {
  readonly outputs: ReadonlyMap<string, string>
  /** The texts of outputs of the kind `file`, by public name; whoever runs the task keeps them in the workspace. */
  readonly files?: ReadonlyMap<string, string>
  readonly record: ReleaseRecord
  readonly headline?: string | undefined
  readonly summary: readonly Block[]
  readonly answer?: Answer
  /** A TaskError, or anything else thrown, which is a mistake of ours. */
  readonly failure?: unknown
}

/** In bytes, of one output. */
const outputLimit = 1024

/** In bytes, of the text of an output that is a file. */
const fileLimit = 16 * 1024 * 1024

/** Runs a task, the same way on every host: parse, fill from the record, check, run, check, merge. Never throws. */
export async function execute({ definition, load }: Task, { inputs, record, ports }: Execution): Promise<Outcome> {
  for (const secret of secretsOf(definition, inputs)) ports.secrets.mask(secret)
  const nothing: Outcome = { outputs: emptyOutputs(definition), record, summary: [] }
  try {
    const values = readInputs(definition, inputs, record)
    const run = await load()
    ports.signal.throwIfAborted()
    const result: Result | Told = await run(
      values as never,
      { ...ports, environment: allowed(definition, ports), record: readable(definition, record) } as never,
    )
    if ('answer' in result) return { ...nothing, headline: result.headline, summary: result.answer.blocks, answer: result.answer }
    const merged = mergeRecord(record, result.record as Partial<Sections>)
    return {
      outputs: formatOutputs(definition, result.outputs as Readonly<Record<string, unknown>>),
      files: filesOf(definition, result.outputs as Readonly<Record<string, unknown>>),
      record: result.own === undefined ? merged : mergeOwn(merged, definition.name, result.own),
      headline: result.headline,
      summary: result.summary ?? [],
      ...(result.failure === undefined ? {} : { failure: result.failure }),
    }
  } catch (failure) {
    return { ...nothing, failure }
  }
}

/** Every declared output under its public name, empty: what a host writes when a task could not even start. */
export function emptyOutputs(definition: Definition): ReadonlyMap<string, string> {
  return new Map(Object.keys(definition.outputs).map((name) => [kebab(name), '']))
}

/** The variables of the environment that a task may see. */
export function allowed(definition: Definition, ports: Pick<Ports, 'environment'>): Ports['environment'] {
  return Object.fromEntries((definition.environment ?? []).map((name) => [name, ports.environment[name] || undefined]))
}

function readable(definition: Definition, record: ReleaseRecord): Partial<ReleaseRecord> {
  return Object.fromEntries(definition.reads.map((section) => [section, record[section]]))
}

function formatOutputs(definition: Definition, values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(definition.outputs).map(([name, output]) => {
      const formatted = values[name] === undefined ? '' : output.format(values[name])
      if (formatted === undefined)
        throw outputInvalid(
          `output \`${kebab(name)}\` of ${definition.name} is ${JSON.stringify(values[name])}, expected kind ${output.kind}`,
        )
      const size = Buffer.byteLength(formatted)
      if (size > outputLimit)
        throw outputTooLarge(`output \`${kebab(name)}\` of ${definition.name} has ${size} bytes, expected at most ${outputLimit}`)
      return [kebab(name), formatted]
    }),
  )
}

function filesOf(definition: Definition, values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const files = Object.entries(definition.outputs).flatMap(([name, { kind }]) => {
    const text = values[name]
    return kind === 'file' && typeof text === 'string' ? [[kebab(name), text] as const] : []
  })
  const large = files.find(([, text]) => Buffer.byteLength(text) > fileLimit)
  if (large === undefined) return new Map(files)
  const [name, text] = large
  throw outputTooLarge(`output \`${name}\` of ${definition.name} has ${Buffer.byteLength(text)} bytes, expected at most ${fileLimit}`)
}
