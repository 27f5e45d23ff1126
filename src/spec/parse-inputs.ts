import { kebab } from '../base/names.ts'
import { describeUnknown } from '../base/suggest.ts'
import type { Definition } from './define.ts'
import { type Input, Misfit, type Raw } from './kind.ts'
import { describeRule, holds } from './rules.ts'

/** Values as a host hands them over, by public name. Blank ones count as absent. */
export type RawInputs = ReadonlyMap<string, Raw>

export type Values = Readonly<Record<string, unknown>>

/** Why an input, or several of them together, cannot be used. */
export interface InputFault {
  /** Public name; undefined where a rule is broken. */
  readonly input: string | undefined
  /** Goes on from the name: `"ten" is not a whole number from 0 to 9`. Never holds a secret. */
  readonly what: string
}

export interface ParsedInputs {
  /** By declared name, only what was given. */
  readonly values: Values
  readonly faults: readonly InputFault[]
}

/** Parses what is given and finds every fault of it: names, forms, what is required, rules. The record is not asked. */
export function parseInputs(definition: Definition, raw: RawInputs): ParsedInputs {
  const given = new Map([...raw].filter(([, value]) => !isBlank(value)))
  const known = Object.keys(definition.inputs).map(kebab)
  const unknown = [...given.keys()].filter((name) => !known.includes(name))
  const inputs = Object.entries(definition.inputs).map(([name, input]) => ({ name, ...parseOne(input, given.get(kebab(name))) }))
  const broken = (definition.rules ?? []).filter((rule) => !holds(rule, (name) => given.has(kebab(name)) && !isNothing(inputs, name)))
  return {
    values: Object.fromEntries(inputs.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    faults: [
      ...unknown.map((input) => ({ input, what: describeUnknownInput(definition, input) })),
      ...inputs.flatMap(({ name, what }) => (what === undefined ? [] : [{ input: kebab(name), what }])),
      ...broken.map((rule) => ({ input: undefined, what: describeRule(rule, kebab) })),
    ],
  }
}

/** The declared input of a public name. */
export function inputOf(definition: Definition, name: string): Input | undefined {
  return Object.entries(definition.inputs).find(([input]) => kebab(input) === name)?.[1]
}

/** `is not an input of push; did you mean `image`?` */
export function describeUnknownInput({ name: task, inputs }: Definition, name: string): string {
  return describeUnknown(name, { kind: `an input of ${task}`, known: Object.keys(inputs).map(kebab) })
}

/** A list or map without anything in it: the default that a GitHub runner hands over as `[]` or `{}`, whoever has said nothing. */
function isNothing(inputs: readonly { readonly name: string; readonly value?: unknown }[], name: string): boolean {
  const value = inputs.find((input) => input.name === name)?.value
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function isBlank(value: Raw): boolean {
  return typeof value === 'string' ? value.trim() === '' : value.length === 0
}

function parseOne({ kind, options }: Input, raw: Raw | undefined): { readonly value?: unknown; readonly what?: string } {
  if (raw === undefined)
    return options.required === true ? { what: `is required, expected ${kind.expected}; an empty value counts as unset` } : {}
  try {
    return { value: kind.parse(raw) }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return { what: `${kind.name === 'secret' ? '' : `"${shown(raw)}" `}${error.message}` }
  }
}

function shown(raw: Raw): string {
  const text = typeof raw === 'string' ? raw : raw.join(', ')
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
