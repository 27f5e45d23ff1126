import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty())

/** What metadata services of containers and instances answer. */
export const MetadataKeys = v.object({ AccessKeyId: text, SecretAccessKey: text, Token: text })
