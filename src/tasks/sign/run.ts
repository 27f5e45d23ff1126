import { formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { imageSignaturePredicate, signatureStatement } from '../../domain/sigstore/formats/statement.ts'
import { type Attached, attachBundle } from '../../domain/sigstore/sign/attach-bundle.ts'
import { attachSignatureTag } from '../../domain/sigstore/sign/attach-signature-tag.ts'
import { knownFormats } from '../../domain/sigstore/sign/known-formats.ts'
import type { Signer } from '../../domain/sigstore/sign/signer.ts'
import { signingRepository } from '../../domain/sigstore/sign/signing-repository.ts'
import { subjectsOf } from '../../domain/sigstore/sign/subjects.ts'
import { type Context, implement } from '../../spec/define.ts'
import { signUnpinned } from './errors.ts'
import { type Input, signerOf } from './signer.ts'
import { task } from './task.ts'

type Format = 'bundle' | 'legacy'

/** A signature as the record keeps it, and whether it was there before. */
interface Signature extends Attached {
  readonly subject: Digest
  readonly image: string
  readonly format: Format
}

export const run = implement(task, async (input, context) => {
  const targets = targetsOf(input, context)
  const reading = Promise.all(targets.map((target) => readAt(target, input, context)))
  // No certificate is asked for, and logged, for an image that is not there; a key is opened meanwhile.
  if (input.key === undefined) await reading
  const [signer, places] = await Promise.all([signerOf(input, context), reading])
  const signatures: Signature[] = []
  for (const place of places) signatures.push(...(await signAt(place, { input, context, signer })))
  const signed = [...new Set(signatures.map(({ image, subject }) => `${image}@${subject}`))]
  return {
    outputs: {
      signed: signed.length,
      signer: signer.name,
      digests: `${signed.join('\n')}\n`,
      publicKey: 'publicKey' in signer.trusting ? signer.trusting.publicKey : undefined,
    },
    record: {
      signatures: signatures.map(({ subject, image, format, digest, log }) => ({
        ...{ subject, image, format, digest, identity: signer.name, ...signer.trusting },
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
    ],
  }
})

/** With a key only when asked to: nothing of it leaves the network else. */
function isLogged({ key, transparencyLog }: Input): boolean {
  return key === undefined || transparencyLog
}

interface Target {
  readonly registry: string
  readonly repository: string
  readonly digest: Digest
}

/** What `image` names, or wherever the record says that the image was pushed to. */
function targetsOf({ image, digest }: Input, { record }: Context<'subject' | 'pushes'>): readonly Target[] {
  const wanted = image === undefined ? (record.pushes ?? []).filter((push) => push.digest === digest).map((push) => push.image) : [image]
  if (wanted.length === 0)
    throw signUnpinned('`image` is not set, and the record names no push of this image.', { safe: 'nothing was sent' })
  return wanted.map((text) => {
    const reference = parseReference(text)
    if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${text}" pass, which ${reference.error}`)
    const { registry, repository, tag } = reference
    const pinned = reference.digest ?? (tag === undefined ? digest : undefined)
    if (pinned !== undefined) return { registry, repository, digest: pinned }
    throw signUnpinned(`image is ${text}, which has no digest${tag === undefined ? ', and `digest` is not set' : ''}.`, {
      hint: `image: ${registry}/${repository}@sha256:…`,
      safe: 'nothing was sent',
    })
  })
}

interface Work {
  readonly input: Input
  readonly context: Context<never>
  readonly signer: Signer
}

/** A repository with what is to be signed there. */
interface Place {
  readonly repository: Repository
  readonly subjects: readonly Descriptor[]
}

async function readAt(target: Target, input: Input, context: Context<never>): Promise<Place> {
  const repository = signingRepository(connect(target, input, context))
  return { repository, subjects: await subjectsOf(repository, target.digest, input.recursive) }
}

async function signAt({ repository, subjects }: Place, { input, context, signer }: Work): Promise<readonly Signature[]> {
  const formats = await formatsFor(repository, { input, context, signer })
  const signatures: Signature[] = []
  for (const [at, subject] of subjects.entries()) {
    context.progress.doing(`signing ${repository.name}`, { done: at, total: subjects.length, unit: 'items' })
    for (const format of formats) {
      const attached = await attach(repository, subject, { format, signer, now: context.clock.now() })
      context.log.info(attached.present ? 'signed before' : 'signed', { image: `${repository.name}@${subject.digest}`, format })
      signatures.push({ ...attached, subject: subject.digest, image: repository.name, format })
    }
  }
  return signatures
}

async function formatsFor(repository: Repository, { input, context, signer }: Work): Promise<readonly Format[]> {
  const asked = input.format === 'auto' ? await knownFormats(repository) : input.format
  if (asked !== 'both') return [asked]
  if (input.format === 'both' || signer.legacy) return ['bundle', 'legacy']
  context.log.warn('this Harbor may know only .sig tags, which a log of version 2 cannot vouch for', { registry: repository.registry })
  return ['bundle']
}

function attach(
  repository: Repository,
  subject: Descriptor,
  { format, signer, now }: { readonly format: Format; readonly signer: Signer; readonly now: number },
): Promise<Attached> {
  return format === 'legacy'
    ? attachSignatureTag(repository, subject, signer)
    : attachBundle(repository, subject, {
        payload: signatureStatement(subject.digest),
        predicateType: imageSignaturePredicate,
        signer,
        now,
      })
}

function connect({ registry, repository }: Target, { username, password, plainHttp }: Input, context: Context<never>): Repository {
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  return connectRegistry(registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' }).repository(repository)
}

function headlineOf(signer: Signer, count: number, signatures: readonly Signature[]): string {
  const written = signatures.filter(({ present }) => !present).length
  const formats = [...new Set(signatures.map(({ format }) => format))].join(' and ')
  const manifests = `${formatCount(count)} manifest${count === 1 ? '' : 's'}`
  return [signer.name, manifests, formats, ...(written === 0 ? ['all there already'] : [])].join(' · ')
}
