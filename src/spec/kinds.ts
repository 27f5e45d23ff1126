import { parseBytes } from '../base/bytes.ts'
import { type Digest, isDigest } from '../base/digest.ts'
import { parseDuration } from '../base/duration.ts'
import { formatReference, isReferenceFault, parseReference } from '../base/reference.ts'
import { suggest } from '../base/suggest.ts'
import { type Input, type JsonSchema, Misfit, type Options, type Raw, type SecretOptions } from './kind.ts'
import { orMisfit, readBoolean, readList, readMap, scalarKind, shortestDuration, textKind } from './parse.ts'

const listHosts = { tekton: 'array', gitlab: 'array' } as const

/** Any text, byte for byte. */
export function text<const A extends Options<string>>(options: A): Input<string, A> {
  return { kind: textKind('string', 'text', (given) => given), options }
}

/** `true`, `false` and their usual spellings. */
export function boolean<const A extends Options<boolean>>(options: A): Input<boolean, A> {
  return {
    kind: {
      ...scalarKind('boolean', 'true or false', readBoolean, String),
      schema: { type: 'boolean' },
      hosts: { tekton: 'string', gitlab: 'boolean' },
    },
    options,
  }
}

/** A whole number within its bounds. */
export function integer<const A extends Options<number> & { readonly min?: number; readonly max?: number }>(options: A): Input<number, A> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options
  const expected = max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`
  const read = (given: string): number => {
    const value = Number(given)
    if (!/^-?\d+$/.test(given) || value < min || value > max) throw new Misfit(`is not ${expected}`)
    return value
  }
  const bounds = max === Number.MAX_SAFE_INTEGER ? {} : { maximum: max }
  return {
    kind: {
      ...scalarKind('integer', expected, read, String),
      schema: { type: 'integer', minimum: min, ...bounds },
      hosts: { tekton: 'string', gitlab: 'number' },
    },
    options,
  }
}

/** One of a few words. */
export function choice<const V extends string, const A extends Options<NoInfer<V>>>(values: readonly V[], options: A): Input<V, A> {
  const read = (given: string): V => {
    const value = values.find((candidate) => candidate === given)
    if (value !== undefined) return value
    const meant = suggest(given, values)
    throw new Misfit(`is not one of: ${values.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`)
  }
  return { kind: { ...scalarKind<V>('enum', `one of ${values.join(', ')}`, read, String), schema: { enum: values } }, options }
}

/**
 * Several texts. Read from a JSON array of strings, or from lines; with `split: 'commas'` (default) from commas too, blanks trimmed.
 * Items that come one by one (a Tekton array, a repeated flag, a YAML list) are taken as they are.
 */
export function list<const A extends Options<readonly string[]> & { readonly split?: 'commas' | 'lines' }>(
  options: A,
): Input<readonly string[], A> {
  const separator = options.split === 'lines' ? /\r?\n/ : /\r?\n|,/
  const expected =
    options.split === 'lines' ? 'a list, one item a line, or a JSON array' : 'a list, separated by commas or lines, or a JSON array'
  const parse = (raw: Raw): readonly string[] => (typeof raw === 'string' ? readList(raw, separator) : raw)
  const schema: JsonSchema = { type: 'array', items: { type: 'string' } }
  return { kind: { name: 'list', parse, format: (value) => JSON.stringify(value), expected, schema, hosts: listHosts }, options }
}

/** Texts by name: lines of `name=value`, or a JSON object of strings. */
export function map<const A extends Options<Readonly<Record<string, string>>>>(options: A): Input<Readonly<Record<string, string>>, A> {
  const parse = (raw: Raw): Readonly<Record<string, string>> => readMap(raw)
  const schema: JsonSchema = { type: 'object', additionalProperties: { type: 'string' } }
  return {
    kind: {
      name: 'map',
      parse,
      format: (value) => JSON.stringify(value),
      expected: 'lines of name=value, or a JSON object',
      schema,
      hosts: listHosts,
    },
    options,
  }
}

/** A length of time, in milliseconds. */
export function duration<const A extends Options<number>>(options: A): Input<number, A> {
  const expected = 'a duration such as 90s, 10m or 1h30m'
  return { kind: scalarKind('duration', expected, orMisfit(parseDuration, expected), shortestDuration), options }
}

/** An amount of data, in bytes. */
export function bytes<const A extends Options<number>>(options: A): Input<number, A> {
  const expected = 'a size such as 64KiB, 10MB or 2Gi'
  return { kind: scalarKind('bytes', expected, orMisfit(parseBytes, expected), String), options }
}

/** A file or folder, relative to the workspace or absolute. */
export function path<const A extends Options<string>>(options: A): Input<string, A> {
  const read = (given: string): string => {
    if (given.includes('\0')) throw new Misfit('holds a NUL character, which no path can')
    return given
  }
  return { kind: textKind('path', 'a path', read), options }
}

/**
 * A reference that names its registry. With `reference: 'repository'` a tag or digest is refused: where to push, not what.
 */
export function image<const A extends Options<string> & { readonly reference?: 'repository' | 'any' }>(options: A): Input<string, A> {
  const read = (given: string): string => {
    const parsed = parseReference(given)
    if (isReferenceFault(parsed)) {
      throw new Misfit(`${parsed.error}${parsed.suggestion === undefined ? '' : `; did you mean ${parsed.suggestion}?`}`)
    }
    if (options.reference === 'repository' && parsed.tag !== undefined)
      throw new Misfit(`has the tag "${parsed.tag}"; a tag belongs in \`tags\``)
    if (options.reference === 'repository' && parsed.digest !== undefined) throw new Misfit('has a digest; a digest belongs in `digest`')
    return formatReference(parsed)
  }
  return { kind: scalarKind('image', 'registry/repository', read, String), options }
}

/** `sha256:` or `sha512:` and the hexadecimal digits. */
export function digest<const A extends Options<Digest>>(options: A): Input<Digest, A> {
  const read = (given: string): Digest => {
    if (!isDigest(given)) throw new Misfit('is not sha256: followed by 64 hexadecimal digits in lower case')
    return given
  }
  return { kind: scalarKind('digest', 'sha256:…', read, String), options }
}

/** An absolute http or https address. */
export function url<const A extends Options<string>>(options: A): Input<string, A> {
  const read = (given: string): string => {
    const parsed = URL.parse(given)
    if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) throw new Misfit('is not an http or https address')
    if (parsed.username !== '' || parsed.password !== '')
      throw new Misfit('holds a user name or password; give them as inputs of their own')
    return given
  }
  return { kind: textKind('url', 'an http or https address', read), options }
}

/** A text that is never shown. Line ends at its end are dropped: they come from the file or editor that it was kept in. */
export function secret<const A extends SecretOptions>(options: A): Input<string, A> {
  return { kind: textKind('secret', 'a secret', (given) => given.replace(/[\r\n]+$/, '')), options }
}
