import type { Location } from '../../packages/package.ts'

/** What an SBOM says, in no format; what it says nothing of is left out. */
export interface SbomDocument {
  readonly format: 'CycloneDX' | 'SPDX'
  /** Of the format: `1.6`, `2.3`, `3.0.1`. */
  readonly formatVersion: string
  /** What names this document and no other: a serial number, a namespace. */
  readonly serial?: string
  /** Of the document itself. */
  readonly version?: string
  readonly created?: string
  readonly authors: readonly Party[]
  readonly tools: readonly { readonly name: string; readonly version?: string }[]
  /** In which phase of the life of the software it was made, in the words of the document. */
  readonly contexts: readonly string[]
  /** What is in the document itself; most are signed from outside. */
  readonly signature: 'none' | 'whole' | 'broken'
  /** What the document is about. */
  readonly subject?: SbomComponent
  /** All others, however they are nested. */
  readonly components: readonly SbomComponent[]
  /** How many vulnerabilities it names. */
  readonly vulnerabilities: number
  /** What it says that it could not see. */
  readonly gaps: readonly { readonly path: string; readonly why: string }[]
  readonly unknown: ReadonlySet<string>
}

/** A person or an organisation; `contact` is an address of mail or of the web. */
export interface Party {
  readonly name: string
  readonly contact?: string
}

/** The properties of a component of which an SBOM may say that they are not known. */
export type Unknown = 'producer' | 'version' | 'identifier' | 'hash' | 'license' | 'dependency'

/** A component as a document has it; kinds are the words of CycloneDX: library, operating-system, container, file. */
export interface SbomComponent {
  readonly ref: string
  readonly kind: string
  readonly name: string
  readonly version?: string
  readonly purl?: string
  /** Package URL, CPE, SWID and others. */
  readonly identifiers: readonly string[]
  /** Algorithms as CycloneDX writes them: `SHA-512`. */
  readonly hashes: readonly { readonly algorithm: string; readonly hex: string }[]
  readonly licenses: readonly { readonly text: string; readonly is: 'declared' | 'concluded' }[]
  readonly producers: readonly Party[]
  readonly source?: { readonly name: string; readonly version: string }
  readonly locations: readonly Location[]
  /** The refs of what it needs; undefined where nothing is said. */
  readonly needs?: readonly string[]
  /** By name: properties of CycloneDX, annotations of SPDX that have the form `name: value`. */
  readonly properties: ReadonlyMap<string, readonly string[]>
  readonly references: readonly { readonly type: string; readonly url: string; readonly algorithms: readonly string[] }[]
  readonly unknown: ReadonlySet<Unknown>
}

/** The word of SPDX for what nobody asserts; others take it over. */
export const noAssertion = 'NOASSERTION'

/** A text that says something: empty ones and those that stand for nothing are left out. */
export function stated(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' || isUnknown(text) || text === 'NONE' ? undefined : text
}

/** Whether a text says that something is not known. */
export function isUnknown(text: string | undefined): boolean {
  return text !== undefined && /^(?:NOASSERTION|unknown|\[?not provided\]?)$/i.test(text.trim())
}
