import { formatBytes } from '../../base/bytes.ts'
import { isLoopback } from '../../base/loopback.ts'
import { requireGate } from '../../domain/gate/require-gate.ts'
import { tellUnseen } from '../../domain/harbor/accessories-seen.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { requireSameRun } from '../../domain/provenance/github.ts'
import { attachAttestation, isLarge } from '../../domain/sigstore/attest/attach-attestation.ts'
import { predicateTooLarge } from '../../domain/sigstore/attest/errors.ts'
import { chosenFormats } from '../../domain/sigstore/sign/chosen-formats.ts'
import type { KeylessSigner } from '../../domain/sigstore/sign/keyless-signer.ts'
import { runToken } from '../../domain/sigstore/sign/run-token.ts'
import type { Signer } from '../../domain/sigstore/sign/signer.ts'
import { type Place, readPlace, type Target, targetsOf } from '../../domain/sigstore/sign/targets.ts'
import { withSigner } from '../../domain/sigstore/sign/with-signer.ts'
import { implement } from '../../spec/define.ts'
import { attestNothing } from './errors.ts'
import { resultOf, type Written } from './result.ts'
import { type AllSaid, type AttestContext, allSaid, type Input, type Said } from './said.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  const targets = targetsOf(input, context.record.pushes)
  const token = runToken(input, context)
  // A verdict that is named is attested as it is, also one that says FAILED.
  const isAuto = input.predicates.includes('auto')
  for (const { digest } of isAuto ? targets : [])
    requireGate(context.record.findings, { digest, isRequired: false, safe: 'nothing was attested' })
  // A file that is none, or a run that cannot tell what it is, ends it before anything is sent.
  const asked: { readonly target: Target; readonly all: AllSaid }[] = []
  for (const target of targets) {
    const { registry, repository, digest } = target
    asked.push({
      target,
      all: await allSaid(input, context, { digest, resource: `${registry}/${repository}`, loopback: isLoopback(registry), token }),
    })
  }
  // Of `auto` there may be nothing; who signs is not asked then.
  if (asked.every(({ all }) => all.said.length === 0)) return resultOf(input, undefined, [])
  const reading = Promise.all(
    asked.map(async ({ target, all }) => ({
      place: await readPlace(
        target,
        { ...input, recursive: input.recursive || all.said.some(({ subject }) => subject !== undefined) },
        context,
      ),
      all,
    })),
  )
  return withSigner(reading, { choice: input, ports: context, token }, async (places, signer) => {
    for (const { all } of places) check(all, { input, context, signer })
    const written: Written[] = []
    for (const { place, all } of places) written.push(...(await attestAt(place, all.said, { input, context, signer })))
    return resultOf(input, signer, written)
  })
})

interface Work {
  readonly input: Input
  readonly context: AttestContext
  readonly signer: Signer
}

/** What can only be said when it is known who signs, and is still said before anything is written. */
function check({ said, provenance }: AllSaid, { input, context, signer }: Work): void {
  const builder = provenance?.buildDefinition.buildType
  if (provenance !== undefined && isKeyless(signer) && builder === 'https://actions.github.io/buildtypes/workflow/v1')
    requireSameRun(provenance, signer.claims)
  if (builder?.endsWith('/local/v1') === true)
    context.log.warn('this provenance is of a machine that nobody vouches for: it says publishable false, and its builder is local')
  for (const { kind, origin, json } of said.filter((one) => isLarge(one, signer, input.logLimit))) {
    const size = formatBytes(Buffer.byteLength(json))
    if (input.large === 'refuse') {
      throw predicateTooLarge(`${origin} has ${size}, more than goes into one signed statement here.`, {
        hint: 'large: reference',
        safe: 'nothing was attached',
      })
    }
    context.log.warn('too large for its statement: it is kept beside the image, and a reference to it is signed', { type: kind.type, size })
  }
}

function isKeyless(signer: Signer): signer is KeylessSigner {
  return 'claims' in signer
}

async function attestAt({ repository, subjects }: Place, said: readonly Said[], work: Work): Promise<readonly Written[]> {
  const formats = await chosenFormats(repository, work.input.format, { signer: work.signer, log: work.context.log })
  const jobs = said.flatMap((one) => subjectsFor(one, subjects, work.input.recursive).map((subject) => ({ subject, one })))
  const written: Written[] = []
  for (const [done, { subject, one }] of jobs.entries()) {
    work.context.progress.doing(`attesting to ${repository.name}`, { done, total: jobs.length, unit: 'items' })
    written.push(...(await attestOne({ repository, subject, one }, formats, work)))
  }
  // What is under the tag `.att` Harbor takes for an image of its own.
  await tellUnseen(
    repository,
    written.filter(({ format }) => format === 'bundle'),
  )
  return written
}

async function attestOne(
  { repository, subject, one }: { readonly repository: Repository; readonly subject: Descriptor; readonly one: Said },
  formats: Awaited<ReturnType<typeof chosenFormats>>,
  { input, context, signer }: Work,
): Promise<readonly Written[]> {
  const large = isLarge(one, signer, input.logLimit)
  const attestations = await attachAttestation(repository, subject, {
    ...{ predicate: one, formats, large, signer },
    now: context.clock.now(),
  })
  const image = repository.name
  for (const { present, format, predicateType } of attestations) {
    const fields = { type: predicateType, image: `${image}@${subject.digest}`, format }
    context.log.info(present ? 'attested before' : 'attested', fields)
  }
  return attestations.map((attestation) => ({ ...attestation, subject: subject.digest, image }))
}

/** What is of one platform is attested to that one only; else the image itself comes last of its parts. */
function subjectsFor({ subject, origin }: Said, subjects: readonly Descriptor[], recursive: boolean): readonly Descriptor[] {
  if (subject === undefined) return recursive ? subjects : subjects.slice(-1)
  const found = subjects.filter(({ digest }) => digest === subject)
  if (found.length > 0) return found
  throw attestNothing(`${origin} is about ${subject}, which is no part of the image.`)
}
