import { createHash } from 'node:crypto'
import { isLicenseExpression, licenseId } from './licenses.ts'

interface Extracted {
  readonly licenseId: string
  readonly name: string
  readonly extractedText: string
}

/** Names licences in a document of SPDX, and keeps what stands in no list of SPDX: the document has to say what it means. */
export interface LicenseNamer {
  /** One expression for all licences that a package declares. */
  expressionOf(licenses: readonly string[]): string
  extracted(): readonly Extracted[]
}

/** For one document. */
export function licenseNamer(): LicenseNamer {
  const extracted = new Map<string, Extracted>()
  const nameOf = (license: string): string => {
    const id = licenseId(license)
    if (id !== undefined) return id
    if (isLicenseExpression(license)) return license
    const ref = referenceOf(license)
    extracted.set(ref, { licenseId: ref, name: license.slice(0, 200), extractedText: license })
    return ref
  }
  return {
    expressionOf: (licenses) => {
      const named = licenses.map(nameOf)
      if (named.length === 0) return 'NOASSERTION'
      return named.length === 1 ? named.join('') : named.map((one) => (/\s/.test(one) ? `(${one})` : one)).join(' AND ')
    },
    extracted: () => [...extracted.values()].toSorted((a, b) => (a.licenseId < b.licenseId ? -1 : 1)),
  }
}

/** Letters, digits, hyphens and dots alone (SPDX 2.3, annex D); the hash keeps apart what would look the same. */
function referenceOf(license: string): string {
  const readable = license
    .slice(0, 60)
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return ['LicenseRef', ...(readable === '' ? [] : [readable]), createHash('sha256').update(license).digest('hex').slice(0, 12)].join('-')
}
