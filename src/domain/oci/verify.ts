import { algorithmOf, type Digest, hasherOf } from '../../base/digest.ts'
import { digestMismatch } from './errors.ts'

/** What bytes are promised to be. */
export interface Promised {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

/** Passes bytes on and checks them: the first byte too many, a byte too few or another digest is SW-DIGEST-MISMATCH. */
export async function* verified(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { digest, size }: Promised,
  where: string,
): AsyncGenerator<Uint8Array> {
  const hash = hasherOf(digest)
  let seen = 0
  for await (const piece of source) {
    seen += piece.length
    if (seen > size) throw digestMismatch(`${where} has more than the ${size} bytes of ${digest}.`)
    hash.update(piece)
    yield piece
  }
  if (seen < size) throw digestMismatch(`${where} ends after ${seen} of the ${size} bytes of ${digest}.`, { retryable: true })
  requireDigest(`${algorithmOf(digest)}:${hash.digest('hex')}`, digest, where)
}

/** As {@link verified}, for bytes that are there already. */
export function verify(bytes: Uint8Array, { digest, size }: { readonly digest: Digest; readonly size?: number }, where: string): void {
  if (size !== undefined && bytes.length !== size) throw digestMismatch(`${where} has ${bytes.length} bytes, expected ${size} (${digest}).`)
  requireDigest(`${algorithmOf(digest)}:${hasherOf(digest).update(bytes).digest('hex')}`, digest, where)
}

function requireDigest(seen: string, expected: Digest, where: string): void {
  if (seen !== expected) throw digestMismatch(`${where} has the digest ${seen}, expected ${expected}.`)
}
