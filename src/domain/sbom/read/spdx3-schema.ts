import * as v from 'valibot'
import { many, mostEdges, text } from './shape.ts'

const hash = v.object({ algorithm: v.optional(text, ''), hashValue: v.optional(text, ''), type: v.optional(text, '') })
const identifier = v.object({ externalIdentifierType: v.optional(text, ''), identifier: v.optional(text, '') })

/** Any element of the graph of SPDX 3.0 in JSON-LD, as far as it is read; elements are told apart by `type`. */
export const element = v.object({
  type: v.optional(text, ''),
  spdxId: v.optional(text),
  '@id': v.optional(text),
  name: v.optional(text),
  specVersion: v.optional(v.pipe(text, v.regex(/^\d{1,3}\.\d{1,3}(?:\.\d{1,3})?$/))),
  created: v.optional(text),
  createdBy: many(text, 1000),
  createdUsing: many(text, 1000),
  rootElement: many(text, 1000),
  software_sbomType: many(text, 100),
  software_packageVersion: v.optional(text),
  software_packageUrl: v.optional(text),
  software_downloadLocation: v.optional(text),
  software_primaryPurpose: v.optional(text),
  software_additionalPurpose: many(text, 100),
  originatedBy: many(text, 1000),
  suppliedBy: v.optional(text),
  externalIdentifier: many(identifier, 10_000),
  verifiedUsing: many(hash, 100),
  simplelicensing_licenseExpression: v.optional(text),
  from: v.optional(text),
  to: many(text),
  relationshipType: v.optional(text),
  completeness: v.optional(text),
})

export const spdx3Document = v.object({ '@graph': v.pipe(v.array(element), v.maxLength(mostEdges)) })

export type Element = v.InferOutput<typeof element>
