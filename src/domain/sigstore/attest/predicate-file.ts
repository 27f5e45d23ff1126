import { resolve } from 'node:path'
import * as v from 'valibot'
import { excerpt } from '../../../base/untrusted.ts'
import { readBytes } from '../../../io/files.ts'
import { Refused, reasons } from '../verify/reasons.ts'
import { parseStrictJson } from '../verify/strict-json.ts'
import { predicateInvalid } from './errors.ts'
import { customKind, type PredicateKind, predicateKind } from './predicates.ts'

/** In bytes: SBOMs of images that list every file have some MB. */
export const mostPredicate = 32 * 2 ** 20

/** A predicate that is to be signed. */
export interface Predicate {
  readonly kind: PredicateKind
  /** The predicate itself, without blanks between its parts; numbers and texts are as they were given. */
  readonly json: string
  /** Where it is from, for people. */
  readonly origin: string
}

/** Reads `type=path` as users give it: a short name, `sbom`, or a URI. Paths start at the workspace. Throws SW-ATTEST-PREDICATE, SW-FILE-…. */
export async function readPredicate(given: string, workspace: string): Promise<Predicate> {
  const [, type, path] = /^([^=]+)=(.+)$/.exec(given.trim()) ?? []
  if (type === undefined || path === undefined) {
    throw predicateInvalid(`"${excerpt(given, 100)}" names no file, expected type=path.`, { hint: 'files: cyclonedx=sbom.cdx.json' })
  }
  return parsePredicate(await readBytes(resolve(workspace, path), mostPredicate), { type, where: path })
}

/** Checks the bytes of a predicate against its type; `sbom` finds out which one it is. Throws SW-ATTEST-PREDICATE. */
export function parsePredicate(bytes: Uint8Array, { type, where }: { readonly type: string; readonly where: string }): Predicate {
  const value = parse(bytes, where)
  const kind = type === 'sbom' ? sbomKind(value, where) : kindOf(type)
  const parsed = v.safeParse(kind.shape, value)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw predicateInvalid(`${where} is no ${kind.name}: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
  }
  return { kind, json: withoutBlanks(new TextDecoder().decode(bytes)), origin: where }
}

function kindOf(type: string): PredicateKind {
  const known = predicateKind(type)
  if (known !== undefined) return known
  if (/^[a-z][a-z0-9+.-]*:[^\s]{1,490}$/i.test(type)) return customKind(type)
  throw predicateInvalid(`The type "${excerpt(type, 100)}" is not known, expected a short name such as cyclonedx, or a URI.`)
}

function sbomKind(value: unknown, where: string): PredicateKind {
  const found = ['cyclonedx', 'spdxjson'].map(predicateKind).find((kind) => kind !== undefined && v.is(kind.shape, value))
  if (found !== undefined) return found
  throw predicateInvalid(`${where} is no SBOM, expected CycloneDX or SPDX as JSON.`)
}

function parse(bytes: Uint8Array, where: string): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    const { code, expected, got } = thrown.reason
    const seen = [...(expected === undefined ? [] : [`expected ${expected}`]), ...(got === undefined ? [] : [`got ${got}`])]
    throw predicateInvalid(`${where} cannot be signed, ${code}: ${seen.length === 0 ? reasons[code] : seen.join(', ')}.`)
  }
}

const [quote, backslash] = [0x22, 0x5c]
const blanks = [0x20, 0x0a, 0x0d, 0x09]

/** JSON without what is between its parts: parsed and written again, large numbers would change. */
function withoutBlanks(text: string): string {
  const kept: string[] = []
  let start = 0
  let isText = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (isText && code === backslash) at += 1
    else if (code === quote) isText = !isText
    else if (!isText && blanks.includes(code)) {
      kept.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...kept, text.slice(start)].join('')
}
