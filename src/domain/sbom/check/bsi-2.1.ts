import type { SbomComponent, SbomDocument } from '../read/document.ts'
import { answerOf, type ComponentField, type DocumentField, isTimestamp, type Profile } from './profile.ts'

const document: readonly Omit<DocumentField, 'of'>[] = [
  { id: 'format', name: 'SBOM format', required: true, answer: (one) => answerOf(isFormat(one)) },
  { id: 'no-vulnerabilities', name: 'No vulnerability information', required: true, answer: (one) => answerOf(one.vulnerabilities === 0) },
  {
    id: 'sbom-creator',
    name: 'Creator of the SBOM',
    required: true,
    answer: ({ authors }) => answerOf(authors.some(({ contact }) => contact !== undefined)),
  },
  { id: 'timestamp', name: 'Timestamp', required: true, answer: ({ created }) => answerOf(isTimestamp(created)) },
  { id: 'sbom-uri', name: 'SBOM-URI', required: false, answer: ({ serial }) => answerOf(serial !== undefined) },
]

const property = (id: string, required: boolean, name: string): Omit<ComponentField, 'of'> => ({
  ...{ id, required, name },
  answer: ({ properties }) => answerOf((properties.get(`bsi:component:${id}`) ?? []).some((value) => value !== '')),
})

const component: readonly Omit<ComponentField, 'of'>[] = [
  {
    id: 'component-creator',
    name: 'Component creator',
    required: true,
    answer: ({ producers }) => answerOf(producers.some(({ contact }) => contact !== undefined)),
  },
  { id: 'component-name', name: 'Component name', required: true, answer: ({ name }) => answerOf(name.trim() !== '') },
  { id: 'component-version', name: 'Component version', required: true, answer: ({ version }) => answerOf(version !== undefined) },
  property('filename', true, 'Filename of the component'),
  {
    id: 'dependencies',
    name: 'Dependencies on other components',
    required: true,
    // That the list may not be whole is one of the answers that the guideline knows (§5.2.2).
    answer: ({ needs, unknown }) => answerOf(needs !== undefined || unknown.has('dependency')),
  },
  { id: 'distribution-licences', name: 'Distribution licences', required: true, answer: (one) => licensed(one, 'concluded') },
  {
    id: 'hash',
    name: 'Hash value of the deployable component',
    required: true,
    answer: (one) => answerOf(referencesOf(one, 'distribution').some(({ algorithms }) => algorithms.includes('SHA-512'))),
  },
  property('executable', true, 'Executable property'),
  property('archive', true, 'Archive property'),
  property('structured', true, 'Structured property'),
  { id: 'source-code-uri', name: 'Source code URI', required: false, answer: (one) => located(one, 'source-distribution') },
  { id: 'deployable-uri', name: 'URI of the deployable form', required: false, answer: (one) => located(one, 'distribution') },
  {
    id: 'identifiers',
    name: 'Other unique identifiers',
    required: false,
    answer: ({ identifiers }) => answerOf(identifiers.length > 0),
  },
  { id: 'original-licences', name: 'Original licences', required: false, answer: (one) => licensed(one, 'declared') },
]

/** Required and additional data fields of BSI TR-03183-2, version 2.1.0 of 20 August 2025, §5.2; additional ones count where they exist. */
export const bsi21: Profile = {
  name: 'bsi-2.1',
  title: 'BSI TR-03183-2 2.1.0',
  takesUnknown: false,
  fields: [
    ...document.map((one) => ({ ...one, of: 'document' }) as const),
    ...component.map((one) => ({ ...one, of: 'component' }) as const),
  ],
}

/** CycloneDX from 1.6 on, SPDX from 3.0.1 on (§4); SPDX 2 has no place for the fields. */
function isFormat({ format, formatVersion }: SbomDocument): boolean {
  const [major = 0, minor = 0, patch = 0] = formatVersion.split('.').map(Number)
  if (format === 'CycloneDX') return major > 1 || (major === 1 && minor >= 6)
  return major > 3 || (major === 3 && (minor > 0 || patch >= 1))
}

function licensed({ licenses }: SbomComponent, wanted: 'declared' | 'concluded'): ReturnType<typeof answerOf> {
  return answerOf(licenses.some(({ is }) => is === wanted))
}

function referencesOf({ references }: SbomComponent, wanted: string): SbomComponent['references'] {
  return references.filter(({ type }) => type === wanted)
}

function located(one: SbomComponent, wanted: string): ReturnType<typeof answerOf> {
  return answerOf(referencesOf(one, wanted).some(({ url }) => url !== ''))
}
