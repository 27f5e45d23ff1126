import type { SbomDocument } from '../read/document.ts'
import { answerOf, type ComponentField, type DocumentField, isTimestamp, type Profile } from './profile.ts'

const versions: Readonly<Record<SbomDocument['format'], RegExp>> = {
  CycloneDX: /^1\.[0-7]$/,
  SPDX: /^(?:2\.[123](?:\.\d)?|3\.0(?:\.\d)?)$/,
}
/** CISA's own words, those of "Types of SBOM", and the phases of CycloneDX. */
const phases =
  /\b(?:design|source|pre-build|before[ _]build|(?:during[ _])?build|post-build|after[ _]build|analyzed|deployed|runtime|operations|discovery|decommission)\b/i

const document: readonly Omit<DocumentField, 'of' | 'required'>[] = [
  {
    id: 'sbom-author',
    name: 'SBOM Author',
    answer: ({ authors, unknown }) => answerOf(authors.length > 0, unknown.has('author')),
  },
  {
    id: 'sbom-author-signature',
    name: 'SBOM Author Signature',
    // A signature may be a document of its own: `attest` makes one, after this.
    answer: ({ signature }) => (signature === 'none' ? 'outside' : answerOf(signature === 'whole')),
  },
  { id: 'data-format-name', name: 'SBOM Data Format Name', answer: ({ format }) => answerOf(format in versions) },
  {
    id: 'data-format-version',
    name: 'SBOM Data Format Version',
    answer: ({ format, formatVersion }) => answerOf(versions[format].test(formatVersion)),
  },
  {
    id: 'generation-context',
    name: 'SBOM Generation Context',
    answer: ({ contexts, unknown }) =>
      answerOf(
        contexts.some((one) => phases.test(one)),
        unknown.has('context'),
      ),
  },
  { id: 'timestamp', name: 'SBOM Timestamp', answer: ({ created }) => answerOf(isTimestamp(created)) },
  { id: 'tool-name', name: 'SBOM Tool Name', answer: ({ tools }) => answerOf(tools.length > 0) },
  { id: 'tool-version', name: 'SBOM Tool Version', answer: toolVersion },
  {
    id: 'sbom-version',
    name: 'SBOM Version',
    answer: ({ version, serial }) => answerOf(version !== undefined && serial !== undefined),
  },
]

const component: readonly Omit<ComponentField, 'of' | 'required'>[] = [
  {
    id: 'component-producer',
    name: 'Component Producer',
    answer: ({ producers, unknown }) => answerOf(producers.length > 0, unknown.has('producer')),
  },
  { id: 'component-name', name: 'Component Name', answer: ({ name }) => answerOf(name.trim() !== '') },
  {
    id: 'component-version',
    name: 'Component Version',
    answer: ({ version, unknown }) => answerOf(version !== undefined, unknown.has('version')),
  },
  {
    id: 'component-identifiers',
    name: 'Component Identifiers',
    answer: ({ identifiers, unknown }) => answerOf(identifiers.length > 0, unknown.has('identifier')),
  },
  {
    id: 'component-hash-value',
    name: 'Component Hash Value',
    answer: ({ hashes, unknown }) =>
      answerOf(
        hashes.some(({ hex }) => /^[0-9a-f]{32,}$/.test(hex)),
        unknown.has('hash'),
      ),
  },
  {
    id: 'component-hash-algorithm',
    name: 'Component Hash Algorithm',
    answer: ({ hashes, unknown }) =>
      answerOf(
        hashes.some(({ algorithm }) => /\d/.test(algorithm)),
        unknown.has('hash'),
      ),
  },
  {
    id: 'component-license',
    name: 'Component License',
    answer: ({ licenses, unknown }) => answerOf(licenses.length > 0, unknown.has('license')),
  },
  {
    id: 'component-dependency-relationship',
    name: 'Component Dependency Relationship',
    answer: ({ needs, unknown }) => answerOf(needs !== undefined, unknown.has('dependency')),
  },
]

/** The 17 data fields of the 2026 Minimum Elements for an SBOM (CISA and others, 29 July 2026): what is not known has to be said. */
export const cisa2026: Profile = {
  name: 'cisa-2026',
  title: 'CISA 2026 Minimum Elements',
  takesUnknown: true,
  fields: [
    ...document.map((one) => ({ ...one, of: 'document', required: true }) as const),
    ...component.map((one) => ({ ...one, of: 'component', required: true }) as const),
  ],
}

/** Of every tool that is named. */
function toolVersion({ tools }: SbomDocument): ReturnType<typeof answerOf> {
  const said = tools.map(({ version }) => version?.trim() ?? '')
  if (said.length === 0 || said.includes('')) return 'missing'
  return answerOf(!said.some((one) => /^(?:\[?not provided\]?|unknown|NOASSERTION)$/i.test(one)), true)
}
