/** A component of CycloneDX 1.6 that has every field of both profiles. */
export const completeComponent = {
  type: 'library',
  'bom-ref': 'lib',
  manufacturer: { name: 'Lib Makers', url: ['https://lib.example'] },
  name: 'lib',
  version: '2.0',
  purl: 'pkg:maven/org.lib/lib@2.0',
  hashes: [{ alg: 'SHA-512', content: 'a'.repeat(128) }],
  licenses: [{ expression: 'MIT', acknowledgement: 'declared' }, { license: { id: 'MIT', acknowledgement: 'concluded' } }],
  externalReferences: [
    { type: 'distribution', url: 'https://lib.example/lib.jar', hashes: [{ alg: 'SHA-512', content: 'a'.repeat(128) }] },
    { type: 'source-distribution', url: 'https://lib.example/lib.tar.gz' },
  ],
  properties: [
    { name: 'bsi:component:filename', value: 'lib.jar' },
    { name: 'bsi:component:executable', value: 'executable' },
    { name: 'bsi:component:archive', value: 'archive' },
    { name: 'bsi:component:structured', value: 'structured' },
  ],
}

/** An SBOM that passes both profiles in every field. */
export const completeCycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: {
    timestamp: '2026-01-02T03:04:05Z',
    lifecycles: [{ phase: 'build' }],
    tools: { components: [{ type: 'application', name: 'maker', version: '1.0' }] },
    manufacturer: { name: 'Acme', url: ['https://acme.example'] },
    component: { ...completeComponent, type: 'application', 'bom-ref': 'app', name: 'app', purl: 'pkg:maven/acme/app@2.0' },
  },
  components: [completeComponent, { type: 'file', name: 'README' }],
  dependencies: [{ ref: 'app', dependsOn: ['lib'] }, { ref: 'lib' }],
  signature: { algorithm: 'ES256', value: 'c2lnbmF0dXJl' },
}

/** The same in SPDX 2.3, as far as it goes: what passes the profile of CISA but for a signature. */
export const completeSpdx = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  documentNamespace: 'https://acme.example/sbom/1',
  creationInfo: {
    created: '2026-01-02T03:04:05Z',
    creators: ['Organization: Acme (sbom@acme.example)', 'Tool: sbom-maker-1.0.2'],
    comment: 'SBOM type: Build',
  },
  packages: [
    {
      SPDXID: 'SPDXRef-app',
      name: 'app',
      versionInfo: '2.0',
      originator: 'Organization: Acme',
      licenseDeclared: 'MIT',
      checksums: [{ algorithm: 'SHA512', checksumValue: 'A'.repeat(128) }],
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:maven/acme/app@2.0' }],
    },
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-app' },
    { spdxElementId: 'SPDXRef-app', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'NONE' },
  ],
}
