import { kebab } from '../base/names.ts'
import { suggest } from '../base/suggest.ts'
import type { Definition } from './define.ts'
import { inputsInvalid, recordMissing } from './errors.ts'
import { type Input, Misfit, type Raw } from './kind.ts'
import { type ReleaseRecord, type Section, writers } from './record/record.ts'
import { describeRule, holds } from './rules.ts'

/** Values as a host hands them over, by public name. Blank ones count as absent. */
export type RawInputs = ReadonlyMap<string, Raw>

export type Values = Readonly<Record<string, unknown>>

interface Fault {
  readonly name: string
  readonly value?: string
  readonly what: string
}

/**
 * The values of all inputs: parsed, defaulted, filled from the record, rules checked.
 * @throws SW-INPUT-INVALID with every fault at once, SW-RECORD-MISSING
 */
export function readInputs(definition: Definition, raw: RawInputs, record: ReleaseRecord): Values {
  const given = new Map([...raw].filter(([, value]) => !isBlank(value)))
  const faults: Fault[] = unknownInputs(definition, given)
  const values = Object.entries(definition.inputs).map(([name, input]): [string, unknown] => [
    name,
    readOne(kebab(name), input, { given, faults, record }),
  ])
  const isGiven = (name: string): boolean => given.has(kebab(name))
  for (const rule of definition.rules ?? []) {
    if (!holds(rule, isGiven)) faults.push({ name: 'rule', what: describeRule(rule, kebab) })
  }
  if (faults.length > 0) throw inputsInvalid(report(faults), { hint: `slipway ${definition.name} --help` })
  requireRecorded(definition, Object.fromEntries(values))
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** The raw values of secret inputs, which must be hidden before anything is printed. */
export function secretsOf(definition: Definition, raw: RawInputs): readonly string[] {
  const secrets = Object.entries(definition.inputs).filter(([, input]) => input.kind.name === 'secret')
  return secrets.flatMap(([name]) => raw.get(kebab(name)) ?? [])
}

function isBlank(value: Raw): boolean {
  return typeof value === 'string' ? value.trim() === '' : value.length === 0
}

function unknownInputs(definition: Definition, given: RawInputs): Fault[] {
  const names = Object.keys(definition.inputs).map(kebab)
  return [...given.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = suggest(name, names)
      return { name, what: `is not an input of ${definition.name}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}` }
    })
}

function readOne(name: string, input: Input, from: { given: RawInputs; faults: Fault[]; record: ReleaseRecord }): unknown {
  const raw = from.given.get(name)
  if (raw === undefined) return absent(name, input, from)
  try {
    return input.kind.parse(raw)
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    from.faults.push({ name, ...(input.kind.name === 'secret' ? {} : { value: shown(raw) }), what: error.message })
    return undefined
  }
}

function absent(name: string, { kind, options }: Input, { faults, record }: { faults: Fault[]; record: ReleaseRecord }): unknown {
  if (options.required === true) faults.push({ name, what: `is required, expected ${kind.expected}; an empty value counts as unset` })
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

function report(faults: readonly Fault[]): string {
  const width = Math.max(...faults.map(({ name }) => name.length))
  const lines = faults.map(({ name, value, what }) => `  ${name.padEnd(width)}  ${value === undefined ? '' : `"${value}" `}${what}`)
  return [`${faults.length === 1 ? 'An input' : `${faults.length} inputs`} cannot be used:`, ...lines].join('\n')
}

function shown(raw: Raw): string {
  const text = typeof raw === 'string' ? raw : raw.join(', ')
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
