import { formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { requireGate } from '../../domain/gate/require-gate.ts'
import { requireSeen } from '../../domain/harbor/accessories-seen.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { type Annotations, imageSignaturePredicate, signatureStatement } from '../../domain/sigstore/formats/statement.ts'
import type { Snippet } from '../../domain/sigstore/policy-snippets/signed.ts'
import { type Attached, type Attaching, attachBundle, type ToAttach } from '../../domain/sigstore/sign/attach-bundle.ts'
import { attachSignatureTag } from '../../domain/sigstore/sign/attach-signature-tag.ts'
import { type ChosenSigner, isLogged } from '../../domain/sigstore/sign/choose-signer.ts'
import { chosenFormats, type Format } from '../../domain/sigstore/sign/chosen-formats.ts'
import { type Before, readBefore } from '../../domain/sigstore/sign/read-before.ts'
import type { Signer } from '../../domain/sigstore/sign/signer.ts'
import { type Place, readPlace, type Target, targetsOf } from '../../domain/sigstore/sign/targets.ts'
import { withSigner } from '../../domain/sigstore/sign/with-signer.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { policiesFor, policyBlocks } from './policies.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

/** A signature as the record keeps it, and whether it was there before. */
interface Signature extends Attached {
  readonly subject: Digest
  readonly image: string
  readonly format: Format
}

export const run = implement(task, async (input, context) => {
  const targets = targetsOf(input, context.record.pushes)
  const { findings } = context.record
  for (const { digest } of targets) requireGate(findings, { digest, isRequired: input.requireGate, safe: 'nothing was signed' })
  const reading = Promise.all(targets.map((target) => readTarget(target, input, context)))
  return withSigner(reading, { choice: input, ports: context }, (places, signer) => signAll(places, { input, context, signer }))
})

async function signAll(places: readonly Read[], { input, context, signer }: Work) {
  const signatures: Signature[] = []
  for (const place of places) signatures.push(...(await signAt(place, { input, context, signer })))
  const policies = await policiesFor({ signer, signatures }, input, context)
  const textsOf = (kind: Snippet['kind']): string => policies.snippets.flatMap((one) => (one.kind === kind ? one.text : [])).join('')
  const signed = [...new Set(signatures.map(({ image, subject }) => `${image}@${subject}`))]
  return {
    outputs: {
      signed: signed.length,
      signer: signer.name,
      digests: `${signed.join('\n')}\n`,
      publicKey: 'publicKey' in signer.trusting ? signer.trusting.publicKey : undefined,
      policies: textsOf('kubernetes'),
      containersPolicy: textsOf('policy.json'),
      containersRegistries: textsOf('registries.d'),
    },
    record: {
      signatures: signatures.map(({ subject, image, format, digest, log }) => ({
        ...{ subject, image, format, digest, identity: signer.name, ...signer.trusting, ...vouching(signer) },
        ...(log === undefined ? {} : { log }),
      })),
    },
    headline: headlineOf(signer, signed.length, signatures),
    summary: [
      { kind: 'text', text: `Signed by ${signer.name}${isLogged(input) ? '' : ', in no transparency log'}.` },
      {
        kind: 'table',
        title: 'Signatures',
        columns: ['image', 'format', 'signature', 'was there'],
        rows: signatures.map(({ image, subject, format, digest, present }) => [
          `${image}@${subject}`,
          format,
          digest,
          present ? 'yes' : 'no',
        ]),
      },
      ...policyBlocks(policies),
    ] satisfies readonly Block[],
  }
}

/** A place with what is at it already. */
interface Read extends Place {
  readonly before: Before
}

async function readTarget(target: Target, input: Input, context: Context<never>): Promise<Read> {
  const place = await readPlace(target, input, context)
  return { ...place, before: await readBefore(place, input.format) }
}

/** Which Sigstore has to be trusted to take signatures by identity. */
function vouching({ trusting, services }: ChosenSigner): { authority?: string | undefined; logs?: readonly string[] } {
  if (services === undefined || 'publicKey' in trusting) return {}
  return { authority: services.authority, logs: services.logs.map(({ url }) => url) }
}

interface Work {
  readonly input: Input
  readonly context: Context<never>
  readonly signer: ChosenSigner
}

async function signAt({ repository, subjects, before }: Read, { input, context, signer }: Work): Promise<readonly Signature[]> {
  const formats = await chosenFormats(repository, input.format, { signer, log: context.log })
  const signatures: Signature[] = []
  for (const [at, subject] of subjects.entries()) {
    context.progress.doing(`signing ${repository.name}`, { done: at, total: subjects.length, unit: 'items' })
    for (const format of formats) {
      const wanted = { signer, annotations: input.annotations, now: context.clock.now(), before: before.get(subject.digest) }
      const attached = await attach(repository, subject, { format, ...wanted })
      context.log.info(attached.present ? 'signed before' : 'signed', { image: `${repository.name}@${subject.digest}`, format })
      signatures.push({ ...attached, subject: subject.digest, image: repository.name, format })
    }
  }
  await requireSeen(repository, signatures)
  return signatures
}

interface ToSign extends Attaching, Pick<ToAttach, 'before'> {
  readonly format: Format
  readonly annotations: Annotations
}

function attach(repository: Repository, subject: Descriptor, { format, signer, annotations, now, before }: ToSign): Promise<Attached> {
  return format === 'legacy'
    ? attachSignatureTag(repository, subject, { signer, annotations })
    : attachBundle(repository, subject, {
        payload: signatureStatement(subject.digest, annotations),
        predicateType: imageSignaturePredicate,
        ...{ signer, now, before },
      })
}

function headlineOf(signer: Signer, count: number, signatures: readonly Signature[]): string {
  const written = signatures.filter(({ present }) => !present).length
  const formats = [...new Set(signatures.map(({ format }) => format))].join(' and ')
  const manifests = `${formatCount(count)} manifest${count === 1 ? '' : 's'}`
  return [signer.name, manifests, formats, ...(written === 0 ? ['all there already'] : [])].join(' · ')
}
