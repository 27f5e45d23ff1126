import { describe, expect, test } from '@jest/globals'
import * as v from 'valibot'
import { isPredicate } from '../verify/policy.ts'
import { predicateKind, predicateKinds, predicateTypes } from './predicates.ts'

const times = { scanStartedOn: '2026-11-21T10:00:00Z', scanFinishedOn: '2026-11-21T10:00:05.5+01:00' }
const verifier = { id: 'https://example.com/gate' }
/** The least that each kind takes. */
const samples: Readonly<Record<(typeof predicateKinds)[number]['name'], object>> = {
  slsaprovenance1: { buildDefinition: { buildType: 't', externalParameters: {} }, runDetails: { builder: { id: 'b' } } },
  slsaprovenance02: { builder: { id: 'b' }, buildType: 't' },
  cyclonedx: { bomFormat: 'CycloneDX', specVersion: '1.6' },
  spdxjson: { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' },
  vuln: { invocation: {}, scanner: { uri: 'pkg:github/aquasecurity/trivy', result: { Results: [] } }, metadata: times },
  vulns: { scanner: { uri: 'u', db: { lastUpdate: '2026-11-20T00:00:00Z' }, result: [] }, metadata: times },
  openvex: { '@context': 'https://openvex.dev/ns/v0.2.0', statements: [{ status: 'fixed' }] },
  'test-result': { result: 'PASSED', configuration: [] },
  svr: { verifier, timeCreated: '2026-11-21T10:00:00Z', properties: [] },
  vsa: { verifier, resourceUri: 'r', policy: { uri: 'p' }, verificationResult: 'PASSED', verifiedLevels: ['SLSA_BUILD_LEVEL_2'] },
  reference: { attester: { id: 'a' }, references: [{ downloadLocation: 'https://example.com/sbom', mediaType: 'application/json' }] },
}

describe.each([...predicateKinds])('$name', ({ name, type, family, shape }) => {
  test('takes a predicate that has what it asks for, and none of any other kind', () => {
    expect(v.is(shape, samples[name])).toBe(true)
    const others = Object.entries(samples).filter(([other, sample]) => other !== name && v.is(shape, sample))
    // cosign's is looser than in-toto's: a raw report may be a list.
    expect(others.map(([other]) => other)).toEqual(name === 'vuln' ? ['vulns'] : [])
  })

  test('is asked for by its name, its family and its type', () => {
    for (const wanted of [name, family, type]) expect(isPredicate(wanted, type)).toBe(true)
  })
})

test('names and types are of one kind each', () => {
  const types = predicateKinds.flatMap(({ type, also }) => [type, ...also])
  expect(new Set(types).size).toBe(types.length)
  expect(new Set(predicateKinds.map(({ name }) => name)).size).toBe(predicateKinds.length)
})

test.each([
  ['cyclonedx', 'https://cyclonedx.org/bom/v1.6', true],
  ['spdx', 'https://spdx.dev/Document/v2.3', true],
  ['slsa-provenance', 'https://slsa.dev/provenance/v0.2', true],
  ['slsaprovenance', 'https://slsa.dev/provenance/v0.2', true],
  ['slsaprovenance1', 'https://slsa.dev/provenance/v0.2', false],
  ['vulns', 'https://cosign.sigstore.dev/attestation/vuln/v1', false],
  ['vulnerabilities', 'https://cosign.sigstore.dev/attestation/vuln/v1', true],
  ['https://example.com/a', 'https://example.com/a', true],
  ['https://example.com/a', 'https://example.com/b', false],
])('%s asks for %s: %s', (wanted, type, is) => expect(isPredicate(wanted, type)).toBe(is))

test.each(['constructor', '__proto__', 'toString'])('%s is no kind', (name) => {
  expect(predicateKind(name)).toBeUndefined()
  expect(predicateTypes(name)).toEqual([name])
})
