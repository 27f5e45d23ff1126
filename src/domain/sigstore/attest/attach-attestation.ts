import type { Digest } from '../../../base/digest.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { statementOf } from '../formats/statement.ts'
import { type Attached, type Attaching, attachBundle } from '../sign/attach-bundle.ts'
import type { Format } from '../sign/chosen-formats.ts'
import type { Signer } from '../sign/signer.ts'
import { attachAttestationTag } from './attach-attestation-tag.ts'
import { keepDocument } from './document.ts'
import type { Predicate } from './predicate-file.ts'

/** In bytes: a statement beyond it makes a bundle that `verify` and actions/attest do not read. */
const mostRead = 11 * 2 ** 20

/** An attestation at its place. */
export interface Attestation extends Attached {
  readonly predicateType: string
  readonly format: Format
  /** Of the predicate itself, where the statement only refers to it. */
  readonly document?: Digest | undefined
}

/** Whether a predicate is too large to be in its statement: for a log of version 1, which is sent it whole, or for those who read it. */
export function isLarge({ json }: Predicate, { takesEnvelopes }: Signer, logLimit: number): boolean {
  return Buffer.byteLength(json) > (takesEnvelopes ? Math.min(logLimit, mostRead) : mostRead)
}

/**
 * Attests a predicate of a manifest in each format: what is there already of the same signer stays. A large one is kept beside the image,
 * and the statement refers to it. Throws what the signer throws, and SW-REGISTRY-….
 */
export async function attachAttestation(
  repository: Repository,
  subject: Descriptor,
  {
    predicate,
    formats,
    large,
    ...attaching
  }: Attaching & { readonly predicate: Predicate; readonly formats: readonly Format[]; readonly large: boolean },
): Promise<readonly Attestation[]> {
  const kept = large ? await keepDocument(repository, subject, predicate) : { predicate }
  const predicateType = kept.predicate.kind.type
  const payload = statementOf({ digest: subject.digest, name: repository.name }, predicateType, kept.predicate.json)
  const attestations: Attestation[] = []
  for (const format of formats) {
    const attach = format === 'legacy' ? attachAttestationTag : attachBundle
    const attached = await attach(repository, subject, { payload, predicateType, ...attaching })
    attestations.push({ ...attached, predicateType, format, document: 'document' in kept ? kept.document : undefined })
  }
  return attestations
}
