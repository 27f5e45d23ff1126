import { formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { formatReference, isReferenceFault, parseReference, type Reference } from '../../base/reference.ts'
import { requireVerified } from '../../domain/gate/require-verified.ts'
import { type Copied, copyBetween } from '../../domain/oci/copy.ts'
import { copyTable, sentOf, tagsLine } from '../../domain/oci/copy-summary.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { checkedTags } from '../../domain/oci/tag-names.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { promoteUnnamed, promoteUnverified } from './errors.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

export const run = implement(task, async (input, context) => {
  const tags = checkedTags(input.tags)
  const source = referenceOf(input.from)
  const { from, to } = connect(input, context)
  const given = await named(source, input, from)
  const digest = typeof given === 'string' ? given : given.descriptor.digest
  const isAsked = input.requireVerified || input.verifiedPolicy !== undefined
  const verified = isAsked
    ? requireVerified(digest, context.record.verifications, {
        policy: input.verifiedPolicy,
        refuse: promoteUnverified,
        safe: 'nothing was sent',
      })
    : undefined
  context.log.info('promoting', { from: input.from, digest, to: input.to })
  const copied = await copyBetween(from, given, to, {
    tags,
    referrers: input.referrers,
    onProgress: (part) => context.progress.doing(`copying to ${to.name}`, { ...part, unit: 'bytes' }),
  })
  const { referrers } = copied
  return {
    outputs: {
      image: `${to.name}@${digest}`,
      images: copied.manifests.map((each) => `${to.name}@${each}`),
      digest,
      referrers: referrers.length,
    },
    record: { promotions: [{ from: origin(source), to: to.name, digest, tags, referrers: referrers.map((each) => each.digest) }] },
    headline: headline(to.name, tags, copied),
    ...(verified === undefined ? {} : { own: { verified: true, ...(verified.policy === undefined ? {} : { policy: verified.policy }) } }),
    summary: [
      { kind: 'text', text: `${to.name}@${digest}\nfrom ${input.from}\n${verifiedLine(verified)}${tagsLine(tags)}` },
      copyTable('Promotion', copied),
      ...(referrers.length === 0 ? [] : [referrersTable(copied)]),
    ],
  }
})

/** The tag is looked up once: what is copied is what it meant at the beginning. */
async function named({ tag, digest }: Reference, input: Input, from: Repository): Promise<Digest | Loaded> {
  if (digest !== undefined) return digest
  if (tag !== undefined) return getManifest(from, tag)
  if (input.digest !== undefined) return input.digest
  throw promoteUnnamed(`from is ${input.from}, which names neither a tag nor a digest, and \`digest\` is not set.`, {
    hint: `from: ${input.from}:1.4.0`,
    safe: 'nothing was sent',
  })
}

function verifiedLine(verified: ReturnType<typeof requireVerified> | undefined): string {
  if (verified === undefined) return ''
  return `verified at ${verified.image}${verified.policy === undefined ? '' : ` under policy ${verified.policy}`}\n`
}

/** One connection where both are of one registry and one account: then blobs are mounted, and tokens asked for once. */
function connect(input: Input, context: Context<never>): { from: Repository; to: Repository } {
  const [source, target] = [referenceOf(input.from), referenceOf(input.to)]
  const isSame = source.registry === target.registry
  const credential = credentialOf(input.username, input.password)
  const own = credentialOf(input.fromUsername, input.fromPassword)
  const { chunkSize } = input
  const registry = connectRegistry(target.registry, context, { credential, plainHttp: input.plainHttp ? 'always' : 'auto', chunkSize })
  const isPlain = isSame ? input.plainHttp : input.fromPlainHttp
  const other = (): ReturnType<typeof connectRegistry> =>
    connectRegistry(source.registry, context, {
      credential: own === undefined ? undefined : { ...own, source: 'the inputs from-username and from-password' },
      plainHttp: isPlain ? 'always' : 'auto',
    })
  const sourceRegistry = isSame && own === undefined ? registry : other()
  return { from: sourceRegistry.repository(source.repository), to: registry.repository(target.repository).asPusher() }
}

function credentialOf(username: string | undefined, password: string | undefined): { username: string; password: string } | undefined {
  return username === undefined || password === undefined ? undefined : { username, password }
}

function referenceOf(text: string): Reference {
  const reference = parseReference(text)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${text}" pass, which ${reference.error}`)
  return reference
}

/** The digest has a field of its own. */
function origin({ registry, repository, tag }: Reference): string {
  return formatReference({ registry, repository, ...(tag === undefined ? {} : { tag }) })
}

function headline(to: string, tags: readonly string[], copied: Copied): string {
  const count = copied.referrers.length
  const along = count === 0 ? [] : [`${formatCount(count)} referrer${count === 1 ? '' : 's'}`]
  return [to, sentOf(copied), ...along, ...(tags.length === 0 ? [] : [tags.join(', ')])].join(' · ')
}

function referrersTable({ referrers }: Copied): { kind: 'table'; title: string; columns: string[]; rows: string[][] } {
  const rows = referrers.map(({ artifactType, mediaType, digest }) => [artifactType ?? mediaType, digest])
  return { kind: 'table', title: 'Referrers', columns: ['type', 'digest'], rows }
}
