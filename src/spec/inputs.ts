import { kebab } from '../base/names.ts'
import type { Definition } from './define.ts'
import { inputsInvalid, recordMissing } from './errors.ts'
import type { Input } from './kind.ts'
import { type InputFault, parseInputs, type RawInputs, type Values } from './parse-inputs.ts'
import { type ReleaseRecord, type Section, writers } from './record/record.ts'

/**
 * The values of all inputs: parsed, rules checked, what is absent filled from the record or by its default.
 * @throws SW-INPUT-INVALID with every fault at once, SW-RECORD-MISSING
 */
export function readInputs(definition: Definition, raw: RawInputs, record: ReleaseRecord): Values {
  const { values: given, faults } = parseInputs(definition, raw)
  if (faults.length > 0) throw inputsInvalid(report(faults), { hint: `slipway ${definition.name} --help` })
  const values = Object.entries(definition.inputs).map(([name, input]): [string, unknown] => [name, given[name] ?? absent(input, record)])
  requireRecorded(definition, Object.fromEntries(values))
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** The raw values of secret inputs, which must be hidden before anything is printed. */
export function secretsOf(definition: Definition, raw: RawInputs): readonly string[] {
  const secrets = Object.entries(definition.inputs).filter(([, input]) => input.kind.name === 'secret')
  return secrets.flatMap(([name]) => raw.get(kebab(name)) ?? [])
}

function absent({ options }: Input, record: ReleaseRecord): unknown {
  return options.from === undefined ? options.default : valueAt(record, options.from)
}

function valueAt(record: ReleaseRecord, path: string): unknown {
  const [section, field] = path.split('.')
  const values: unknown = record[section as Section]
  return typeof values === 'object' && values !== null ? (values as Values)[field ?? ''] : undefined
}

function requireRecorded(definition: Definition, values: Values): void {
  const missing = Object.entries(definition.inputs).filter(
    ([name, { options }]) => options.from !== undefined && options.optional !== true && values[name] === undefined,
  )
  const [first] = missing
  if (first === undefined) return
  const names = missing.map(([name]) => `\`${kebab(name)}\``).join(' and ')
  const writer = writers[String(first[1].options.from).split('.')[0] as Section]
  throw recordMissing(
    `${definition.name} needs ${names}: not given, and the release record has no ${missing.map(([, input]) => input.options.from).join(', ')}`,
    {
      hint: `run \`slipway ${writer}\` in this workspace first, or give ${names}`,
    },
  )
}

function report(faults: readonly InputFault[]): string {
  const named = faults.map(({ input = 'rule', what }) => ({ name: input, what }))
  const width = Math.max(...named.map(({ name }) => name.length))
  const lines = named.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`)
  return [`${faults.length === 1 ? 'An input' : `${faults.length} inputs`} cannot be used:`, ...lines].join('\n')
}
