import type { RecordPath } from './record/record.ts'

export type KindName =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'enum'
  | 'list'
  | 'map'
  | 'duration'
  | 'bytes'
  | 'path'
  | 'image'
  | 'digest'
  | 'url'
  | 'secret'

/** A value as a host hands it over: a text, or the items of a list that came one by one. */
export type Raw = string | readonly string[]

export type JsonSchema = { readonly [key: string]: JsonValue }
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** How a type of value is read, written, described, and spelt on each host: the only place that knows. */
export interface Kind<T> {
  readonly name: KindName
  /** Reads a value that is not blank. @throws Misfit */
  parse(raw: Raw): T
  /** The canonical text, which {@link parse} reads back. */
  format(value: T): string
  /** For people, after the word "expected": `a whole number from 0 to 9`. */
  readonly expected: string
  /** What a pipeline file may hold. */
  readonly schema: JsonSchema
  readonly hosts: { readonly tekton: 'string' | 'array'; readonly gitlab: 'string' | 'number' | 'boolean' | 'array' }
}

/** A value that does not fit its kind; the message continues `"value" …`. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
}

interface Described {
  /** One sentence for the docs of every host. */
  readonly summary: string
  readonly example?: string
}

interface Required {
  readonly required: true
  readonly default?: never
  readonly from?: never
  readonly optional?: never
}
interface Defaulted<T> {
  readonly default: T
  readonly required?: never
  readonly from?: never
  readonly optional?: never
}
interface Recorded<T> {
  readonly from: RecordPath<T>
  readonly required?: never
  readonly default?: never
  readonly optional?: true
}
interface Optional {
  readonly optional: true
  readonly required?: never
  readonly default?: never
  readonly from?: never
}

/** How an absent value is met: refused, given, taken from the record, or left undefined. */
export type Options<T> = Described & (Required | Defaulted<T> | Recorded<T> | Optional)

/** A secret has no default and no place in the record. */
export type SecretOptions = Described & (Required | Optional)

/** One declared input: its kind and how it is described and defaulted. */
export interface Input<T = unknown, A extends Options<T> = Options<T>> {
  readonly kind: Kind<T>
  readonly options: A
}

/** The type that `run` sees: undefined only when the input is optional. */
export type ValueOf<N> = N extends { readonly kind: { parse(raw: Raw): infer T }; readonly options: infer A }
  ? A extends { readonly optional: true }
    ? T | undefined
    : T
  : never
