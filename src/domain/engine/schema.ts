import * as v from 'valibot'
import { type Digest, isDigest } from '../../base/digest.ts'
import { engineResult } from './errors.ts'

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a digest')

/** What `--metadata-file` of buildx holds, as far as it is read here. */
const metadata = v.object({
  'containerimage.digest': v.optional(digest),
  'containerimage.config.digest': v.optional(digest),
})

const driverStatus = v.nullable(v.array(v.tuple([v.string(), v.string()])))

/** The digests that buildx says it has made: of the manifest or index, and of a single image's configuration. @throws SW-ENGINE-RESULT */
export function parseMetadata(
  value: unknown,
  where: string,
): { readonly digest?: Digest | undefined; readonly config?: Digest | undefined } {
  const parsed = v.safeParse(metadata, value)
  if (!parsed.success) throw engineResult(`${where} is not what buildx writes: ${parsed.issues[0].message}.`)
  return { digest: parsed.output['containerimage.digest'], config: parsed.output['containerimage.config.digest'] }
}

/** What `docker info` tells of its image store, by name; nothing when it answers in another way. */
export function parseDriverStatus(text: string): ReadonlyMap<string, string> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), driverStatus), text)
  return new Map(parsed.success ? (parsed.output ?? []) : [])
}
