import { requireGate } from '../../domain/gate/require-gate.ts'
import { requireVerified } from '../../domain/gate/require-verified.ts'
import type { NewImage } from '../../domain/gitops/image.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { attachedTo } from '../../domain/sigstore/verify/attached.ts'
import { isTrusted, judge } from '../../domain/sigstore/verify/judge.ts'
import { policyOfFile } from '../../domain/sigstore/verify/policy-of-file.ts'
import { whyNot } from '../../domain/sigstore/verify/why-not.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { gitopsUntrusted, gitopsUnverified } from './errors.ts'
import { repositoryOf } from './image.ts'
import { safe } from './safe.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What the record has to say of the digest: no gate refused it, and what the inputs ask for. @throws SW-GATE-REFUSED, SW-GITOPS-UNVERIFIED */
export function requireRecorded(input: Input, { record }: Context<'findings' | 'verifications'>): void {
  const { digest, verifiedPolicy: policy } = input
  requireGate(record.findings, { digest, isRequired: input.requireGate, safe })
  if (input.requireVerified || policy !== undefined)
    requireVerified(digest, record.verifications, { policy, refuse: gitopsUnverified, safe })
}

/** Judges the image by a policy file as a stranger would, from the registry alone. @throws SW-GITOPS-UNTRUSTED and the errors of policies and registries */
export async function requireTrusted(path: string, { name, digest }: NewImage, { input, context }: Given): Promise<void> {
  const { clock, progress, log } = context
  progress.doing(`reading what is attached to ${name}`)
  const { policy, digest: policyDigest } = await policyOfFile(path, context)
  const repository = repositoryOf(name, input, context)
  const { descriptor } = await getManifest(repository, digest)
  const judgement = judge(descriptor, await attachedTo(repository, digest), { policy, now: clock.now() })
  if (!isTrusted(judgement))
    throw gitopsUntrusted(`${name}@${digest} does not meet ${path}: ${whyNot([judgement])}.`, {
      hint: `slipway verify --image ${name}@${digest} --policy ${path}`,
      safe,
    })
  log.info('the image meets the policy', { policy: path, digest: policyDigest })
}

interface Given {
  readonly input: Input
  readonly context: Context<never>
}
