import * as v from 'valibot'
import { many, mostComponents, text } from './shape.ts'

const hash = v.object({ alg: text, content: text })
const contact = v.object({ name: v.optional(text), email: v.optional(text) })
/** `url` became a list in 1.3. */
const entity = v.object({ name: v.optional(text), url: v.optional(v.union([text, v.array(text)])), contact: many(contact, 1000) })
const property = v.object({ name: v.optional(text, ''), value: v.optional(text, '') })
const acknowledgement = v.optional(v.picklist(['declared', 'concluded']), 'declared')
const license = v.object({
  license: v.optional(v.object({ id: v.optional(text), name: v.optional(text), acknowledgement })),
  expression: v.optional(text),
  acknowledgement,
})
const occurrence = v.object({ location: text, additionalContext: v.optional(text) })
const reference = v.object({ type: text, url: text, hashes: many(hash, 100) })
const swid = v.object({ tagId: text })

/** A component as 1.2 to 1.7 have it, without those inside it. */
export const component = v.object({
  type: v.optional(text, 'library'),
  'bom-ref': v.optional(text),
  group: v.optional(text),
  name: v.optional(text, ''),
  version: v.optional(text),
  purl: v.optional(text),
  cpe: v.optional(text),
  swid: v.optional(swid),
  omniborId: many(text, 1000),
  swhid: many(text, 1000),
  hashes: many(hash, 100),
  licenses: many(license, 1000),
  manufacturer: v.optional(entity),
  authors: many(contact, 1000),
  author: v.optional(text),
  publisher: v.optional(text),
  supplier: v.optional(entity),
  properties: many(property, 100_000),
  externalReferences: many(reference, 10_000),
  evidence: v.optional(v.object({ occurrences: many(occurrence, 100_000) })),
})

/** A tool was an entry of its own until 1.4, and is a component since. */
const tool = v.object({ name: v.optional(text, ''), version: v.optional(text) })
const tools = v.union([many(tool, 1000), v.object({ components: many(tool, 1000), services: many(tool, 1000) })])

/** A document without its components, which nest. */
export const cycloneDxDocument = v.object({
  specVersion: v.pipe(text, v.regex(/^\d{1,3}\.\d{1,3}$/)),
  serialNumber: v.optional(text),
  version: v.optional(v.number()),
  metadata: v.optional(
    v.object({
      timestamp: v.optional(text),
      authors: many(contact, 1000),
      manufacturer: v.optional(entity),
      supplier: v.optional(entity),
      tools: v.optional(tools),
      lifecycles: many(v.object({ phase: v.optional(text), name: v.optional(text) }), 100),
      component: v.optional(component),
      properties: many(property, 100_000),
    }),
    {},
  ),
  dependencies: many(v.object({ ref: text, dependsOn: many(text) }), mostComponents),
  compositions: many(v.object({ aggregate: text, assemblies: many(text), dependencies: many(text) }), 10_000),
  signature: v.optional(v.unknown()),
  vulnerabilities: many(v.unknown()),
})

/** A signature in the form of JSF: an algorithm and a value, of one signer or of several. */
const signer = v.object({ algorithm: v.pipe(text, v.minLength(1)), value: v.pipe(text, v.minLength(1)) })
export const signature = v.union([
  signer,
  v.object({ signers: v.pipe(v.array(signer), v.minLength(1)) }),
  v.object({ chain: v.pipe(v.array(signer), v.minLength(1)) }),
])

export type RawComponent = v.InferOutput<typeof component>
export type RawDocument = v.InferOutput<typeof cycloneDxDocument>
export type RawEntity = v.InferOutput<typeof entity>
export type RawContact = v.InferOutput<typeof contact>
