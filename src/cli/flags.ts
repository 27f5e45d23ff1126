import { parseArgs } from 'node:util'
import { inputVariable } from '../base/names.ts'
import { suggest } from '../base/suggest.ts'
import type { Input, Raw } from '../spec/kind.ts'
import { usage } from './errors.ts'

/** What a flag takes. */
export type FlagKind = 'switch' | 'value' | 'values'

export interface Flag {
  /** Without the dashes: `image`, `push.image`. */
  readonly name: string
  readonly kind: FlagKind
  /** Given so, it would be seen in the list of processes: its variable is asked for instead. */
  readonly secret?: boolean
  /** The flag whose value stands in the variable that this one names. */
  readonly variableOf?: string
}

/** A value from the command line, or the variable that holds it. */
export type FlagValue = Raw | { readonly env: string }

export interface ParsedFlags {
  readonly values: ReadonlyMap<string, FlagValue>
  readonly positionals: readonly string[]
}

const fromEnvironment = '-from-env'

/** The flag of an input. A list or map may be given again and again, its items are then taken as they are. */
export function flagOf(name: string, { kind }: Input): Flag {
  if (kind.name === 'boolean') return { name, kind: 'switch' }
  return { name, kind: kind.name === 'list' || kind.name === 'map' ? 'values' : 'value', secret: kind.name === 'secret' }
}

/** Reads a command line. @throws SW-USAGE with everything that is wrong with it */
export function parseFlags(argv: readonly string[], flags: readonly Flag[], limits: { command: string; positionals: number }): ParsedFlags {
  const known = new Map(flags.flatMap(spellings).map((flag) => [flag.name, flag]))
  const read = new Reading(known, limits.command)
  let skipped = -1
  for (const token of tokensOf(argv, known)) {
    if (token.kind === 'option') {
      const isKnown = read.option(token)
      // What follows an unknown flag is most likely its value: no second fault, and a secret is not repeated.
      if (!isKnown && token.value === undefined) skipped = token.index + 1
    } else if (token.kind === 'positional' && token.index !== skipped) read.positional(token.value, limits.positionals)
  }
  return read.result()
}

type Token = ReturnType<typeof tokensOf>[number]
type OptionToken = Extract<Token, { kind: 'option' }>

function tokensOf(argv: readonly string[], known: ReadonlyMap<string, Flag>) {
  const types = [...known.values()].map(({ name, kind }) => [name, { type: kind === 'switch' ? 'boolean' : 'string' }] as const)
  const options = { ...Object.fromEntries(types), help: { type: 'boolean', short: 'h' } } as const
  return parseArgs({ args: [...argv], options, strict: false, tokens: true, allowNegative: true, allowPositionals: true }).tokens
}

/** A secret can be taken from a variable: `--password-from-env NAME`. */
function spellings(flag: Flag): Flag[] {
  return flag.secret === true ? [flag, { name: flag.name + fromEnvironment, kind: 'value', variableOf: flag.name }] : [flag]
}

/** Collects values and faults, one token after the other. */
class Reading {
  readonly #known: ReadonlyMap<string, Flag>
  readonly #command: string
  readonly #values = new Map<string, FlagValue>()
  readonly #positionals: string[] = []
  readonly #faults: string[] = []

  constructor(known: ReadonlyMap<string, Flag>, command: string) {
    this.#known = known
    this.#command = command
  }

  /** @returns whether there is such a flag */
  option(token: OptionToken): boolean {
    const flag = this.#known.get(token.name)
    if (flag === undefined) {
      this.#faults.push(`${token.rawName}  is not a flag of ${this.#command}${this.#meant(token.name)}`)
      return false
    }
    const fault = flag.secret === true ? secretFault(flag.name) : faultOf(flag, token)
    if (fault === undefined) this.#take(flag, token)
    else this.#faults.push(`${token.rawName}  ${fault}`)
    return true
  }

  positional(value: string, most: number): void {
    if (this.#positionals.length < most) this.#positionals.push(value)
    else this.#faults.push(`${value}  is not expected here; flags of ${this.#command} begin with --`)
  }

  result(): ParsedFlags {
    if (this.#faults.length === 0) return { values: this.#values, positionals: this.#positionals }
    const count = this.#faults.length === 1 ? 'An argument' : `${this.#faults.length} arguments`
    throw usage([`${count} cannot be used:`, ...this.#faults.map((fault) => `  ${fault}`)].join('\n'), { hint: `${this.#command} --help` })
  }

  #take({ name, kind, variableOf }: Flag, { rawName, value = '' }: OptionToken): void {
    const target = variableOf ?? name
    const before = this.#values.get(target)
    if (kind === 'values' && before !== undefined) this.#values.set(target, [...[before as Raw].flat(), value])
    else if (before !== undefined) this.#faults.push(`${rawName}  is given twice`)
    else if (kind === 'switch') this.#values.set(target, value || String(rawName === `--${name}`))
    else this.#values.set(target, variableOf === undefined ? value : { env: value })
  }

  #meant(name: string): string {
    const meant = suggest(name, [...this.#known.keys()])
    return meant === undefined ? '' : `; did you mean --${meant}?`
  }
}

function secretFault(name: string): string {
  // In a pipeline a variable of this name would be given to every task.
  const variable = name.includes('.') ? '' : ` set ${inputVariable(name)}, or`
  return `is a secret, and everyone on this machine can read a command line;${variable} give --${name}${fromEnvironment} with the name of a variable`
}

function faultOf({ name, kind }: Flag, { rawName, value, inlineValue }: OptionToken): string | undefined {
  if (!rawName.startsWith('--') && rawName !== '-h') return 'is no flag: only -h is short'
  if (kind === 'switch') return undefined
  if (rawName === `--no-${name}`) return 'cannot be negated: it takes a value'
  if (value === undefined) return 'needs a value'
  if (inlineValue === false && value.length > 1 && value.startsWith('-'))
    return `needs a value; one that begins with - is written ${rawName}=${value}`
  return undefined
}
