import { type Digest, isDigest } from '../../base/digest.ts'
import { isRepository, isTag } from '../../base/reference.ts'
import { Refusal } from './refusal.ts'

/** What a URL means (distribution-spec §Endpoints). */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: Digest }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: Digest }

/** Reads a path; undefined when the API has none like it. Names and digests are checked here, so that nothing else reaches a file name. */
export function routeOf(path: string): Route | undefined {
  const decoded = decode(path)
  if (decoded === '/v2/' || decoded === '/v2') return { kind: 'base' }
  if (decoded === '/v2/_catalog') return { kind: 'catalog' }
  const [, written, kind, last = ''] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/([^/]*)$/.exec(decoded) ?? []
  if (written === undefined || kind === undefined) return undefined
  const name = nameOf(written)
  switch (kind) {
    case 'blobs/uploads':
      return last === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id: last }
    case 'blobs':
      return { kind: 'blob', name, digest: digestOf(last) }
    case 'manifests':
      return { kind: 'manifest', name, reference: referenceOf(last) }
    case 'referrers':
      return { kind: 'referrers', name, digest: digestOf(last) }
    default:
      return last === 'list' ? { kind: 'tags', name } : undefined
  }
}

/** A digest that came from outside. Throws DIGEST_INVALID. */
export function digestOf(text: string): Digest {
  if (isDigest(text)) return text
  throw new Refusal(400, 'DIGEST_INVALID', 'not a sha256 or sha512 digest')
}

/** A repository name that came from outside. Throws NAME_INVALID. */
export function nameOf(text: string): string {
  if (isRepository(text)) return text
  throw new Refusal(400, 'NAME_INVALID', 'a name is components of lower-case letters and digits, 255 characters at most')
}

function referenceOf(text: string): string {
  if (isTag(text) || isDigest(text)) return text
  if (text.includes(':')) throw new Refusal(400, 'DIGEST_INVALID', 'not a sha256 or sha512 digest')
  throw new Refusal(400, 'MANIFEST_INVALID', 'neither a tag nor a digest')
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Refusal(400, 'NAME_INVALID', 'the path is not percent-encoded UTF-8')
  }
}
