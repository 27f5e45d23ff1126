import * as v from 'valibot'
import { type Digest, isDigest } from '../../../base/digest.ts'
import type { RawSeverity } from '../../advisories/advisory.ts'
import { reportInvalid } from './errors.ts'

/** A path, a package URL. */
export const word = v.pipe(v.string(), v.maxLength(4096))
/** What a vulnerability, a package or a version is called: tables and alerts have it whole. */
export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(500))
/** The same where it may be absent. */
export const optionalName = v.nullish(v.pipe(v.string(), v.maxLength(500)), '')
/** Descriptions: of any length, of which the beginning is kept. */
export const prose = v.string()
export const optionalWord = v.nullish(word, '')
/** A list that may be absent or null: those of Go write so where it is empty. */
export const listOf = <S extends v.GenericSchema>(item: S, longest = 200_000) => v.nullish(v.pipe(v.array(item), v.maxLength(longest)), [])

/** A value in the shape of a schema. @throws SW-SCAN-REPORT-INVALID */
export function shaped<S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw reportInvalid(`${where}: ${(v.getDotPath(issue) ?? 'the report').slice(0, 200)}: ${issue.message.slice(0, 300)}.`)
}

/** The digests among texts such as `registry/image@sha256:…`. */
export function digestsIn(texts: readonly string[]): readonly Digest[] {
  return [...new Set(texts.map((text) => text.slice(text.lastIndexOf('@') + 1)).filter(isDigest))]
}

/** The beginning of a description. */
export function summaryOf(...texts: readonly string[]): string {
  return (texts.find((text) => text !== '') ?? '').slice(0, 500)
}

/** The verdict of a scanner, in its word; none where it says nothing. */
export function verdict(said: string): readonly RawSeverity[] {
  return said === '' ? [] : [{ type: 'severity', value: said.slice(0, 200) }]
}

/** A CVSS vector of a version such as `3.1`. */
export function vector(version: string, text: string): readonly RawSeverity[] {
  return text === '' ? [] : [{ type: `CVSS_V${version.slice(0, 1)}`, value: text.slice(0, 200) }]
}

/** Names of vulnerabilities, not of advisories: one of those may mend several. */
const ofVulnerabilities = /^(?:CVE|GHSA|GO|PYSEC|RUSTSEC|OSV|MAL|GSD|EUVD|BIT|HSEC|RSEC|NSWG|SNYK|GMS|CGA)-/i

/** Those of some names that mean the same vulnerability, without the one it goes by. */
export function aliasesAmong(names: readonly string[], id: string): readonly string[] {
  return [...new Set(names)].filter((name) => name !== id && ofVulnerabilities.test(name))
}
