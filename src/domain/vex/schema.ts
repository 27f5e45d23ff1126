import * as v from 'valibot'

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4000))
const time = v.pipe(
  text,
  v.isoTimestamp('expected a time, RFC 3339'),
  // Some forms of ISO 8601 (`+05`) are no time to JavaScript, and what has none would be neither of the future nor older than another.
  v.check((one) => Number.isFinite(Date.parse(one)), 'expected a time, RFC 3339'),
)

/** Why something that has a vulnerable component is not affected (OpenVEX 0.2.0, "Status Justifications"). */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const
export type Justification = (typeof justifications)[number]

const statuses = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const
export type Status = (typeof statuses)[number]

const component = {
  '@id': v.optional(text),
  identifiers: v.optional(v.object({ purl: v.optional(text) })),
  hashes: v.optional(v.record(v.pipe(v.string(), v.maxLength(20)), text)),
}
const product = v.object({ ...component, subcomponents: v.optional(v.pipe(v.array(v.object(component)), v.maxLength(10_000)), []) })

const statement = v.object({
  vulnerability: v.object({ '@id': v.optional(text), name: text, aliases: v.optional(v.pipe(v.array(text), v.maxLength(100)), []) }),
  timestamp: v.optional(time),
  last_updated: v.optional(time),
  products: v.optional(v.pipe(v.array(product), v.maxLength(10_000)), []),
  status: v.picklist(statuses),
  justification: v.optional(v.picklist(justifications)),
  impact_statement: v.optional(text),
  status_notes: v.optional(text),
})

/** An OpenVEX document as far as a gate needs it; what more it has is left alone. */
export const vexSchema = v.object({
  '@context': v.pipe(text, v.regex(/^https:\/\/openvex\.dev\/ns\/v0\.2\.\d+$/, 'expected https://openvex.dev/ns/v0.2.0')),
  '@id': text,
  author: text,
  timestamp: time,
  last_updated: v.optional(time),
  statements: v.pipe(v.array(statement), v.minLength(1), v.maxLength(20_000)),
})

export type VexComponent = v.InferOutput<typeof product>
