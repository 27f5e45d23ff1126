import * as v from 'valibot'

/** A kind of predicate: what an attestation says of an image. */
export interface PredicateKind {
  /** Short name: the `--type` of cosign where it has one. */
  readonly name: string
  /** All kinds that tell the same thing, whichever tool wrote them; `verify --require` takes it too. */
  readonly family: string
  /** The predicate type that is written. */
  readonly type: string
  /** Types by which other tools call the same. */
  readonly also: readonly string[]
  /** Of the predicate as a document of its own. */
  readonly mediaType: string
  /** What every predicate of the kind has; more may be there. */
  readonly shape: v.GenericSchema
}

const text = v.pipe(v.string(), v.minLength(1))
const time = v.pipe(v.string(), v.isoTimestamp())
/** A list is an object to the schema of objects. */
const object = v.custom((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
const named = v.looseObject({ id: text })
const json = 'application/json'
const cyclonedx = 'https://cyclonedx.org/bom'
const spdx = 'https://spdx.dev/Document'

/** Other names that cosign has for a kind. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['slsaprovenance', 'slsaprovenance02'],
  ['spdx', 'spdxjson'],
])

/** A predicate that names documents which are kept elsewhere, by digest and place. */
export const referenceKind = {
  name: 'reference',
  family: 'reference',
  type: 'https://in-toto.io/attestation/reference/v0.1',
  also: [],
  mediaType: json,
  shape: v.looseObject({
    attester: named,
    references: v.pipe(v.array(v.looseObject({ downloadLocation: text, mediaType: text })), v.minLength(1)),
  }),
} as const satisfies PredicateKind

/** The one table of predicates: what `attest` writes and `verify` asks for. */
export const predicateKinds = [
  {
    name: 'slsaprovenance1',
    family: 'slsa-provenance',
    type: 'https://slsa.dev/provenance/v1',
    also: [],
    mediaType: json,
    shape: v.looseObject({
      buildDefinition: v.looseObject({ buildType: text, externalParameters: v.looseObject({}) }),
      runDetails: v.looseObject({ builder: named }),
    }),
  },
  {
    name: 'slsaprovenance02',
    family: 'slsa-provenance',
    type: 'https://slsa.dev/provenance/v0.2',
    also: [],
    mediaType: json,
    shape: v.looseObject({ builder: named, buildType: text }),
  },
  {
    name: 'cyclonedx',
    family: 'cyclonedx',
    type: cyclonedx,
    also: ['1.4', '1.5', '1.6', '1.7'].map((version) => `${cyclonedx}/v${version}`),
    mediaType: 'application/vnd.cyclonedx+json',
    shape: v.looseObject({ bomFormat: v.literal('CycloneDX'), specVersion: text }),
  },
  {
    name: 'spdxjson',
    family: 'spdx',
    type: spdx,
    also: ['2.2', '2.3'].map((version) => `${spdx}/v${version}`),
    mediaType: 'application/spdx+json',
    shape: v.union([
      v.looseObject({ spdxVersion: v.pipe(v.string(), v.startsWith('SPDX-')), SPDXID: text }),
      v.looseObject({ '@context': v.pipe(v.string(), v.startsWith('https://spdx.org/rdf/3')), '@graph': v.array(v.looseObject({})) }),
    ]),
  },
  {
    name: 'vuln',
    family: 'vulnerabilities',
    type: 'https://cosign.sigstore.dev/attestation/vuln/v1',
    also: [],
    mediaType: json,
    shape: v.looseObject({
      scanner: v.looseObject({ uri: text, result: v.unknown() }),
      metadata: v.looseObject({ scanStartedOn: time, scanFinishedOn: time }),
    }),
  },
  {
    name: 'vulns',
    family: 'vulnerabilities',
    type: 'https://in-toto.io/attestation/vulns/v0.2',
    also: [],
    mediaType: json,
    shape: v.looseObject({
      scanner: v.looseObject({ uri: text, db: v.looseObject({ lastUpdate: time }), result: v.array(v.looseObject({ id: text })) }),
      metadata: v.looseObject({ scanStartedOn: time, scanFinishedOn: time }),
    }),
  },
  {
    name: 'openvex',
    family: 'openvex',
    type: 'https://openvex.dev/ns',
    also: ['https://openvex.dev/ns/v0.2.0'],
    mediaType: json,
    shape: v.looseObject({
      '@context': v.pipe(v.string(), v.startsWith('https://openvex.dev/ns')),
      statements: v.array(v.looseObject({ status: text })),
    }),
  },
  {
    name: 'test-result',
    family: 'test-result',
    type: 'https://in-toto.io/attestation/test-result/v0.1',
    also: [],
    mediaType: json,
    shape: v.looseObject({ result: v.picklist(['PASSED', 'WARNED', 'FAILED']), configuration: v.array(v.looseObject({})) }),
  },
  {
    name: 'svr',
    family: 'svr',
    type: 'https://in-toto.io/attestation/svr/v0.1',
    also: [],
    mediaType: json,
    shape: v.looseObject({ verifier: named, timeCreated: time, properties: v.array(text) }),
  },
  {
    name: 'vsa',
    family: 'vsa',
    type: 'https://slsa.dev/verification_summary/v1',
    also: [],
    mediaType: json,
    shape: v.looseObject({
      verifier: named,
      resourceUri: text,
      policy: v.looseObject({ uri: text }),
      verificationResult: v.picklist(['PASSED', 'FAILED']),
      verifiedLevels: v.array(text),
    }),
  },
  referenceKind,
] as const satisfies readonly PredicateKind[]

/** A kind by its short name. */
export function predicateKind(name: string): PredicateKind | undefined {
  return predicateKinds.find((kind) => kind.name === (aliases.get(name) ?? name))
}

/** The kind of a predicate of a custom type: any object. */
export function customKind(type: string): PredicateKind {
  return { name: type, family: type, type, also: [], mediaType: json, shape: object }
}

/** The family of a predicate type, for people; a type of no family stands for itself. */
export function predicateFamily(type: string): string {
  return predicateKinds.find((kind) => kind.type === type || kind.also.some((other) => other === type))?.family ?? type
}

/** The predicate types that a short name or the name of a family stands for; a type stands for itself. */
export function predicateTypes(name: string): readonly string[] {
  const kinds = predicateKinds.filter((kind) => kind.family === name || kind.name === (aliases.get(name) ?? name))
  return kinds.length === 0 ? [name] : kinds.flatMap(({ type, also }) => [type, ...also])
}
