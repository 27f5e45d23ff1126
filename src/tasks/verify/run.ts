import type { Digest } from '../../base/digest.ts'
import { formatReference, isReferenceFault, parseReference, type Reference } from '../../base/reference.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { attachedTo } from '../../domain/sigstore/verify/attached.ts'
import type { Subject } from '../../domain/sigstore/verify/examine.ts'
import { isTrusted, type Judgement, judge } from '../../domain/sigstore/verify/judge.ts'
import { whyNot } from '../../domain/sigstore/verify/why-not.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Sections } from '../../spec/record/record.ts'
import type { Written } from './as-signed.ts'
import { verifyCommands } from './commands.ts'
import { verifyRefused, verifyUnnamed } from './errors.ts'
import { policiesFor } from './judged-by.ts'
import { type Judged, manifestsToJudge } from './manifests.ts'
import { headlineOf, reportOf, signerOf, treeOf } from './report.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>
type Known = Context<'subject' | 'pushes' | 'signatures' | 'attestations'>

export const run = implement(task, async (input, context) => {
  const target = targetOf(input, context)
  const writtenAbout = (digest: Digest | undefined): Written => writtenAt(target, digest, context)
  const policyFor = policiesFor(input, context)
  const by = await policyFor(writtenAbout(target.digest ?? input.digest))
  const { repository, subject } = await find(target, input, context)
  const { digest } = subject
  const image = `${repository.name}@${digest}`
  const manifests = await manifestsToJudge(repository, { subject, by }, { recursive: input.recursive, writtenAbout, policyFor })
  const judgements = await judgeAll(repository, manifests, context)
  const passed = judgements.every(isTrusted)
  const verdict = passed ? 'pass' : 'fail'
  const commands = verifyCommands(image, judgements, { roots: by.roots, plainHttp: input.plainHttp })
  const tree = `${by.assumed ? `${assumption}\n` : ''}${treeOf(image, judgements)}`
  context.log.untrusted([tree, ...commands].join('\n'))
  const result = {
    outputs: {
      image,
      digest,
      verdict,
      signer: signerOf(judgements),
      policy: by.digest,
      report: reportOf(image, judgements, { verdict, policy: by.digest, commands }),
    },
    record: {
      // The verdict on the image is the one on all that was asked of it.
      verifications: manifests.map((one, place) => ({
        ...{ subject: one.subject.digest, image: repository.name, policy: one.by.digest },
        ...verdictOf(place === 0 ? judgements : judgements.slice(place, place + 1)),
      })),
    },
    headline: `${headlineOf(judgements, passed)}${by.assumed ? ' · as signed in this run, by no policy' : ''}`,
    summary: [
      { kind: 'text' as const, text: tree },
      ...(commands.length === 0 ? [] : [{ kind: 'details' as const, title: 'The same with other tools', text: commands.join('\n') }]),
    ],
  }
  if (passed) return result
  const failure = verifyRefused(`${image} does not meet the policy: ${whyNot(judgements)}.`, {
    hint: 'do not deploy it; sign it as the policy asks, or correct the policy',
    safe: 'nothing was changed',
  })
  return { ...result, failure }
})

const assumption = 'No policy is given: trusted is exactly who signed in this run, by the release record. Read afresh from the registry:'

/** What `image` names, or the one place that the record says the image was pushed to. */
function targetOf({ image, digest }: Input, { record }: Context<'pushes'>): Reference {
  if (image !== undefined) return referenceOf(image)
  const [push, ...others] = (record.pushes ?? []).filter((one) => one.digest === digest)
  if (push !== undefined && others.length === 0) return referenceOf(push.image)
  const seen = push === undefined ? 'no push of this image' : `${others.length + 1} pushes of this image`
  throw verifyUnnamed(`\`image\` is not set, and the release record names ${seen}.`, {
    hint: `image: ${push?.image ?? 'registry/repository'}`,
  })
}

/** What this run wrote about a manifest, which nobody asks for who gives a policy. */
function writtenAt({ registry, repository }: Reference, digest: Digest | undefined, { record }: Known): Written {
  const image = formatReference({ registry, repository })
  const isOurs = (one: { readonly image: string; readonly subject: Digest }): boolean => one.image === image && one.subject === digest
  return { signatures: (record.signatures ?? []).filter(isOurs), attestations: (record.attestations ?? []).filter(isOurs) }
}

/** The tag is looked up once: what is verified is what it meant at the beginning. */
async function find(
  reference: Reference,
  { username, password, plainHttp, digest }: Input,
  context: Context<never>,
): Promise<{ readonly repository: Repository; readonly subject: Subject }> {
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  const repository = registry.repository(reference.repository)
  const wanted = reference.digest ?? reference.tag ?? digest
  if (wanted === undefined) {
    throw verifyUnnamed(`image is ${repository.name}, which names neither a tag nor a digest, and \`digest\` is not set.`, {
      hint: `image: ${repository.name}:1.4.0`,
    })
  }
  return { repository, subject: (await getManifest(repository, wanted)).descriptor }
}

async function judgeAll(
  repository: Repository,
  manifests: readonly Judged[],
  { clock, progress }: Context<never>,
): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = []
  for (const [done, { subject, by }] of manifests.entries()) {
    progress.doing(`reading what is attached to ${subject.digest}`, { done, total: manifests.length, unit: 'items' })
    judgements.push(judge(subject, await attachedTo(repository, subject.digest), { policy: by.policy, now: clock.now() }))
  }
  return judgements
}

function verdictOf(judgements: readonly Judgement[]): Pick<Sections['verifications'][number], 'verdict' | 'reasons'> {
  return { verdict: judgements.every(isTrusted) ? 'pass' : 'fail', reasons: [...new Set(judgements.flatMap(codesOf))] }
}

function codesOf({ demands }: Judgement): readonly string[] {
  return demands
    .filter(({ met }) => !met)
    .flatMap(({ what, reasons }) => (reasons.length === 0 ? [`missing: ${what}`] : reasons.map(({ code }) => code)))
}

function referenceOf(text: string): Reference {
  const reference = parseReference(text)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${text}" pass, which ${reference.error}`)
  return reference
}
