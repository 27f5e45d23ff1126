import type { Digest } from '../../base/digest.ts'
import { isReferenceFault, parseReference, type Reference } from '../../base/reference.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { attachedTo } from '../../domain/sigstore/verify/attached.ts'
import { isTrusted, type Judgement, judge } from '../../domain/sigstore/verify/judge.ts'
import type { Policy } from '../../domain/sigstore/verify/policy.ts'
import { loadPolicy } from '../../domain/sigstore/verify/policy-load.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Sections } from '../../spec/record/record.ts'
import { askedPolicy } from './asked.ts'
import { verifyCommands } from './commands.ts'
import { verifyRefused, verifyUnnamed } from './errors.ts'
import { headlineOf, reportOf, signerOf, treeOf, whyNot } from './report.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

export const run = implement(task, async (input, context) => {
  const { environment, files, secrets } = context
  const trustedRoot = environment['SIGSTORE_TRUSTED_ROOT']
  const document = await askedPolicy(input, { workspace: files.workspace, trustedRoot })
  const { policy, digest: policyDigest } = await loadPolicy(document, { workspace: files.workspace, environment, mask: secrets.mask })
  const { repository, digest } = await find(input, context)
  const image = `${repository.name}@${digest}`
  const judgements = await examine({ repository, digest, policy }, input, context)
  const passed = judgements.every(isTrusted)
  const verdict = passed ? 'pass' : 'fail'
  const commands = verifyCommands(image, judgements, { roots: document['trusted-roots'], plainHttp: input.plainHttp })
  const tree = treeOf(image, judgements)
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
    headline: headlineOf(judgements, passed),
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

/** The tag is looked up once: what is verified is what it meant at the beginning. */
async function find(input: Input, context: Context<never>): Promise<{ readonly repository: Repository; readonly digest: Digest }> {
  const reference = referenceOf(input.image)
  const { username, password } = input
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: input.plainHttp ? 'always' : 'auto' })
  const repository = registry.repository(reference.repository)
  const wanted = reference.digest ?? reference.tag ?? input.digest
  if (wanted === undefined) {
    throw verifyUnnamed(`image is ${input.image}, which names neither a tag nor a digest, and \`digest\` is not set.`, {
      hint: `image: ${input.image}:1.4.0`,
    })
  }
  return { repository, digest: (await getManifest(repository, wanted)).descriptor.digest }
}

async function examine(
  { repository, digest, policy }: { readonly repository: Repository; readonly digest: Digest; readonly policy: Policy },
  { recursive }: Input,
  { clock, progress }: Context<never>,
): Promise<readonly Judgement[]> {
  const digests = [digest, ...(recursive ? await platformsOf(repository, digest) : [])]
  const judgements: Judgement[] = []
  for (const [done, one] of digests.entries()) {
    progress.doing(`reading what is attached to ${one}`, { done, total: digests.length, unit: 'items' })
    judgements.push(judge(one, await attachedTo(repository, one), { policy, now: clock.now() }))
  }
  return judgements
}

/** What a node may run of an index: BuildKit's attestation manifests are of no platform. */
async function platformsOf(repository: Repository, digest: Digest): Promise<readonly Digest[]> {
  const { content } = await getManifest(repository, digest)
  if (content.kind === 'manifest') return []
  return content.index.manifests.filter(({ platform }) => platform?.os !== 'unknown').map((child) => child.digest)
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
