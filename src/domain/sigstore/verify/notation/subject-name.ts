import type { X509Certificate } from 'node:crypto'

/** Parts of a distinguished name, `C=US` as `['C', 'US']`; `*` is anybody's. */
export type SubjectName = '*' | readonly (readonly [string, string])[]

/** Reads `C=US, ST=WA, O=acme`, as in trust policies of Notation (with or without `x509.subject:`); undefined where it is none. A comma in a value has a backslash before it. */
export function parseSubjectName(text: string): SubjectName | undefined {
  const name = text.replace(/^x509\.subject:/, '').trim()
  if (name === '*') return '*'
  const parts = (name.match(/(?:\\.|[^\\,])+/g) ?? []).map((part) => /^\s*([A-Za-z]{1,20})\s*=\s*(.*\S)\s*$/s.exec(part))
  const pairs = parts.map((match) => [match?.[1]?.toUpperCase() ?? '', match?.[2]?.replaceAll(/\\(.)/g, '$1') ?? ''] as const)
  const isWhole = pairs.length > 0 && pairs.every(([key, value]) => key !== '' && value !== '')
  return isWhole && new Set(pairs.map(([key]) => key)).size === pairs.length ? pairs : undefined
}

/** Whether a certificate's subject has every part of a name, each once. */
export function hasSubject(certificate: X509Certificate, name: SubjectName): boolean {
  const parts: object = certificate.toLegacyObject().subject
  return name === '*' || name.every(([key, value]) => Reflect.get(parts, key === 'S' ? 'ST' : key) === value)
}

/** For messages: the parts of a certificate's subject in one line. */
export function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.split('\n').join(', ').slice(0, 300)
}
