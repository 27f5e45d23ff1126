import * as v from 'valibot'
import { many, mostComponents, text } from './shape.ts'

const checksum = v.object({ algorithm: text, checksumValue: text })
const annotation = v.object({ comment: v.optional(text, '') })
const reference = v.object({ referenceType: v.optional(text, ''), referenceLocator: v.optional(text, '') })

const spdxPackage = v.object({
  SPDXID: text,
  name: v.optional(text, ''),
  versionInfo: v.optional(text),
  primaryPackagePurpose: v.optional(text),
  supplier: v.optional(text),
  originator: v.optional(text),
  downloadLocation: v.optional(text),
  sourceInfo: v.optional(text),
  licenseDeclared: v.optional(text),
  licenseConcluded: v.optional(text),
  checksums: many(checksum, 100),
  externalRefs: many(reference, 10_000),
  annotations: many(annotation, 100_000),
  attributionTexts: many(text, 10_000),
})

/** SPDX 2.2 and 2.3 in JSON, as far as it is read. */
export const spdxDocument = v.object({
  SPDXID: v.optional(text, 'SPDXRef-DOCUMENT'),
  spdxVersion: v.pipe(text, v.regex(/^SPDX-\d{1,3}\.\d{1,3}(?:\.\d{1,3})?$/)),
  name: v.optional(text),
  documentNamespace: v.optional(text),
  comment: v.optional(text),
  creationInfo: v.optional(v.object({ created: v.optional(text), creators: many(text, 1000), comment: v.optional(text) }), {}),
  annotations: many(annotation, 100_000),
  documentDescribes: many(text, 1000),
  packages: many(spdxPackage, mostComponents),
  files: many(v.object({ SPDXID: text, fileName: v.optional(text, ''), comment: v.optional(text) })),
  hasExtractedLicensingInfos: many(v.object({ licenseId: text, name: v.optional(text), extractedText: v.optional(text) }), mostComponents),
  relationships: many(v.object({ spdxElementId: text, relatedSpdxElement: text, relationshipType: text, comment: v.optional(text) })),
})

export type RawSpdx = v.InferOutput<typeof spdxDocument>
export type RawPackage = RawSpdx['packages'][number]
