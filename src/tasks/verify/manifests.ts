import type { Digest } from '../../base/digest.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { Subject } from '../../domain/sigstore/verify/examine.ts'
import type { Written } from './as-signed.ts'
import type { JudgedBy } from './judged-by.ts'

/** A manifest, and the policy that it is judged by. */
export interface Judged {
  readonly subject: Subject
  readonly by: JudgedBy
}

export interface PlatformTerms {
  /** Whether each platform is judged, by the policy of the image. */
  readonly recursive: boolean
  readonly writtenAbout: (digest: Digest) => Written
  readonly policyFor: (written: Written) => Promise<JudgedBy>
}

/**
 * The image, and its platforms where that is asked for. Without a policy those that this run has signed count in any case: clusters
 * check what a node pulls, and what was written there is to be there.
 */
export async function manifestsToJudge(repository: Repository, image: Judged, terms: PlatformTerms): Promise<readonly Judged[]> {
  const { recursive, writtenAbout, policyFor } = terms
  if (!recursive && !image.by.assumed) return [image]
  const judged = [image]
  for (const subject of await platformsOf(repository, image.subject.digest)) {
    const written = writtenAbout(subject.digest)
    if (image.by.assumed && written.signatures.length > 0) judged.push({ subject, by: await policyFor(written) })
    else if (recursive) judged.push({ subject, by: image.by })
  }
  return judged
}

/** What a node may run of an index: BuildKit's attestation manifests are of no platform. */
async function platformsOf(repository: Repository, digest: Digest): Promise<readonly Subject[]> {
  const { content } = await getManifest(repository, digest)
  if (content.kind === 'manifest') return []
  return content.index.manifests.filter(({ platform }) => platform?.os !== 'unknown')
}
