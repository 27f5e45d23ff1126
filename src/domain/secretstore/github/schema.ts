import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(4096))

export const publicKey = v.object({
  key_id: text,
  key: v.pipe(
    text,
    v.base64(),
    v.transform((key) => Buffer.from(key, 'base64')),
    v.check((key) => key.length === 32, 'expected a key of 32 bytes'),
  ),
})

export const secretFacts = v.object({
  name: text,
  updated_at: v.pipe(
    text,
    v.isoTimestamp(),
    v.transform((time) => Date.parse(time)),
  ),
  visibility: v.optional(v.picklist(['all', 'private', 'selected'])),
})

export const selectedRepositories = v.object({
  total_count: v.pipe(v.number(), v.integer()),
  repositories: v.pipe(v.array(v.object({ id: v.pipe(v.number(), v.integer()) })), v.maxLength(100)),
})
