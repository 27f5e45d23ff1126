import type { Digest } from '../../base/digest.ts'
import { formatReference, isReferenceFault, parseReference, type Reference } from '../../base/reference.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { attachedTo } from '../../domain/sigstore/verify/attached.ts'
import type { Subject } from '../../domain/sigstore/verify/examine.ts'
import { isTrusted, type Judgement, judge } from '../../domain/sigstore/verify/judge.ts'
import type { Policy } from '../../domain/sigstore/verify/policy.ts'
import { loadPolicy } from '../../domain/sigstore/verify/policy-load.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Sections } from '../../spec/record/record.ts'
import type { Written } from './as-signed.ts'
import { askedPolicy } from './asked.ts'
import { verifyCommands } from './commands.ts'
import { verifyRefused, verifyUnnamed } from './errors.ts'
import { headlineOf, reportOf, signerOf, treeOf, whyNot } from './report.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>
type Known = Context<'subject' | 'pushes' | 'signatures' | 'attestations'>

export const run = implement(task, async (input, context) => {
  const { environment, files, secrets, http, clock, identity } = context
  const trustedRoot = environment['SIGSTORE_TRUSTED_ROOT']
  const target = targetOf(input, context)
  const written = writtenAbout(target, input, context)
  const { document, keys, assumed } = await askedPolicy(input, { workspace: files.workspace, trustedRoot, written })
  const ports = {
    workspace: files.workspace,
    environment,
    mask: secrets.mask,
    http,
    clock,
    identity,
    keys,
    readRoot: rootReader(input, context),
  }
  const { policy, digest: policyDigest } = await loadPolicy(document, ports)
  const { repository, subject } = await find(target, input, context)
  const { digest } = subject
  const image = `${repository.name}@${digest}`
  const judgements = await judgeAll({ repository, subject, policy }, input, context)
  const passed = judgements.every(isTrusted)
  const verdict = passed ? 'pass' : 'fail'
  const commands = verifyCommands(image, judgements, { roots: document['trusted-roots'], plainHttp: input.plainHttp })
  const tree = `${assumed ? `${assumption}\n` : ''}${treeOf(image, judgements)}`
  context.log.untrusted([tree, ...commands].join('\n'))
  const result = {
    outputs: {
      image,
      digest,
      verdict,
      signer: signerOf(judgements),
      policy: policyDigest,
      report: reportOf(image, judgements, { verdict, policy: policyDigest, commands }),
    },
    record: {
      verifications: judgements.map((one) => ({ subject: one.digest, image: repository.name, policy: policyDigest, ...verdictOf(one) })),
    },
    headline: `${headlineOf(judgements, passed)}${assumed ? ' · no policy, so as signed in this run' : ''}`,
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

/** What this run wrote about the image, which nobody asks for who gives a policy. */
function writtenAbout({ registry, repository, digest }: Reference, input: Input, { record }: Known): Written {
  const image = formatReference({ registry, repository })
  const isOurs = (one: { readonly image: string; readonly subject: Digest }): boolean =>
    one.image === image && one.subject === (digest ?? input.digest)
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
  { repository, subject, policy }: { readonly repository: Repository; readonly subject: Subject; readonly policy: Policy },
  { recursive }: Input,
  { clock, progress }: Context<never>,
): Promise<readonly Judgement[]> {
  const subjects = [subject, ...(recursive ? await platformsOf(repository, subject.digest) : [])]
  const judgements: Judgement[] = []
  for (const [done, one] of subjects.entries()) {
    progress.doing(`reading what is attached to ${one.digest}`, { done, total: subjects.length, unit: 'items' })
    judgements.push(judge(one, await attachedTo(repository, one.digest), { policy, now: clock.now() }))
  }
  return judgements
}

/** What a node may run of an index: BuildKit's attestation manifests are of no platform. */
async function platformsOf(repository: Repository, digest: Digest): Promise<readonly Subject[]> {
  const { content } = await getManifest(repository, digest)
  if (content.kind === 'manifest') return []
  return content.index.manifests.filter(({ platform }) => platform?.os !== 'unknown')
}

function verdictOf(judgement: Judgement): Pick<Sections['verifications'][number], 'verdict' | 'reasons'> {
  return { verdict: isTrusted(judgement) ? 'pass' : 'fail', reasons: codesOf(judgement) }
}

function codesOf({ demands }: Judgement): readonly string[] {
  return [
    ...new Set(
      demands
        .filter(({ met }) => !met)
        .flatMap(({ what, reasons }) => (reasons.length === 0 ? [`missing: ${what}`] : reasons.map(({ code }) => code))),
    ),
  ]
}

function referenceOf(text: string): Reference {
  const reference = parseReference(text)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${text}" pass, which ${reference.error}`)
  return reference
}

/** What reads TUF repositories is loaded only where one is named. */
function rootReader({ tufUrl, tufRoot, offline }: Input, { http, clock, log, environment, files }: Context<never>) {
  const own = tufUrl === undefined || tufRoot === undefined ? undefined : { url: tufUrl, root: tufRoot }
  return async (name: string): Promise<Buffer> => {
    const { readRootReference } = await import('../../domain/sigstore/instance/root-reference.ts')
    return readRootReference(name, { http, clock, log, environment, workspace: files.workspace, offline, own })
  }
}
