import { createHash, type Hash } from 'node:crypto'

/** `algorithm:hex`, sha256 or sha512 (image-spec, descriptor.md §digests). */
export type Digest = `sha256:${string}` | `sha512:${string}`

const grammar = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Whether a text is a digest that we accept: sha256 or sha512, lower-case hex, full length. */
export function isDigest(text: string): text is Digest {
  return grammar.test(text)
}

/** The digest of bytes or of UTF-8 text. */
export function sha256(data: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

/** The running hash for a digest's algorithm. */
export function hasherOf(digest: Digest): Hash {
  return createHash(algorithmOf(digest))
}

export function algorithmOf(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

/** The first six hex digits with the algorithm, for running text: `sha256:3f2a91…`. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':')
  return colon < 0 ? digest : `${digest.slice(0, colon + 7)}…`
}
