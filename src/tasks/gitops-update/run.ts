import { join } from 'node:path'
import { shortDigest } from '../../base/digest.ts'
import { isReferenceFault, isTag, parseReference } from '../../base/reference.ts'
import { requireGate } from '../../domain/gate/require-gate.ts'
import { requireVerified } from '../../domain/gate/require-verified.ts'
import { parseAddress } from '../../domain/git/address.ts'
import { credentialsFor } from '../../domain/git/credentials.ts'
import type { NewImage } from '../../domain/gitops/image.ts'
import type { Published } from '../../domain/gitops/publication.ts'
import { publish } from '../../domain/gitops/publish.ts'
import { sshSigning } from '../../domain/gitops/sign-ssh.ts'
import { describeTarget, parseTarget } from '../../domain/gitops/target.ts'
import { tagInvalid } from '../../domain/oci/errors.ts'
import { resolveTag } from '../../domain/oci/manifests.ts'
import { connectRegistry } from '../../domain/oci/registry.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { gitopsTagElsewhere, gitopsUnnamed, gitopsUnverified } from './errors.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>
type Known = Context<'subject' | 'pushes' | 'tags' | 'findings' | 'verifications'>

const safe = 'nothing was written'

export const run = implement(task, async (input, context) => {
  const { digest, verifiedPolicy: policy } = input
  const targets = input.targets.map(parseTarget)
  const address = parseAddress(input.repository)
  const credentials = credentialsFor(input, address, context.log)
  requireGate(context.record.findings, { digest, isRequired: input.requireGate, safe })
  if (input.requireVerified || policy !== undefined)
    requireVerified(digest, context.record.verifications, { policy, refuse: gitopsUnverified, safe })
  const image = await imageOf(input, context)
  const folder = await context.files.temporary('gitops')
  const { SSH_AUTH_SOCK, GIT_SSH_COMMAND } = context.environment
  const { repository, commit: revision, runUrl } = context.source
  await using signing = input.signingKey === undefined ? undefined : await sshSigning(input.signingKey, folder, context.process)
  const published = await publish(
    {
      git: { folder: join(folder, 'repository'), address, credentials, ssh: { SSH_AUTH_SOCK, GIT_SSH_COMMAND } },
      ...{ branch: input.branch, targets, image, title: input.message ?? titleOf(image), timeout: input.timeout },
      ...{ expectCurrent: input.expectCurrent, order: input.order, freezeFile: input.freezeFile },
      ...{ source: repository === undefined ? undefined : `${repository}@${revision ?? ''}`, run: runUrl },
      author: { name: input.authorName, email: input.authorEmail, signing },
    },
    context,
  )
  const { commit, branch, isChanged } = published
  return {
    outputs: { commit, branch, changed: isChanged },
    record: { gitops: { repository: address.url, branch, commit, digest } },
    headline: `${branch} · ${commit.slice(0, 12)} · ${isChanged ? `${nameOf(image)} written` : 'has it already'}`,
    summary: summaryOf(published, { image, url: address.url }),
  }
})

/** What is to be written; its tag is asked for at the registry, since another run may have moved it. */
async function imageOf(input: Input, context: Known): Promise<NewImage> {
  const { digest } = input
  const pushes = (context.record.pushes ?? []).filter(
    (push) => push.digest === digest && (input.image === undefined || push.image === input.image),
  )
  const [push, another] = pushes
  const name = input.image ?? (another === undefined ? push?.image : undefined)
  if (name === undefined)
    throw gitopsUnnamed(
      `\`image\` is not set, and the record has ${pushes.length === 0 ? 'no push' : `pushes to ${pushes.map((one) => one.image).join(' and ')}`} of ${digest}.`,
      { safe },
    )
  const moved = (context.record.tags ?? []).find((move) => move.digest === digest && move.image === name)
  const tag = input.tag ?? push?.tags[0] ?? moved?.tags[0]
  if (tag === undefined) return { name, digest }
  await requireTag(name, tag, { input, context })
  return { name, tag, digest }
}

async function requireTag(
  name: string,
  tag: string,
  { input, context }: { readonly input: Input; readonly context: Known },
): Promise<void> {
  if (!isTag(tag)) throw tagInvalid(`tag is ${JSON.stringify(tag.slice(0, 200))}, which can be no tag.`)
  const reference = parseReference(name)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${name}" pass, which ${reference.error}`)
  const { registryUsername: username, registryPassword: password, plainHttp, digest } = input
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  const found = await resolveTag(registry.repository(reference.repository), tag)
  if (found?.digest === digest) return
  throw gitopsTagElsewhere(`${name}:${tag} ${found === undefined ? 'is not there' : `leads to ${found.digest}`}, expected ${digest}.`, {
    safe,
  })
}

function titleOf(image: NewImage): string {
  return `Deploy ${nameOf(image)}`
}

function nameOf({ name, tag, digest }: NewImage): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return tag === undefined ? `${last}@${shortDigest(digest)}` : `${last}:${tag}`
}

function summaryOf(
  { commit, changes, isChanged, attempts }: Published,
  { image, url }: { readonly image: NewImage; readonly url: string },
): readonly Block[] {
  const { name, tag, digest } = image
  const end = isChanged ? `Commit ${commit}${attempts > 1 ? `, at attempt ${attempts}` : ''}` : `Nothing to change: ${commit} has it.`
  return [
    { kind: 'text', text: `${name}${tag === undefined ? '' : `:${tag}`}@${digest}\n${url}\n${end}` },
    {
      kind: 'table',
      title: 'Places',
      columns: ['place', 'before', 'state'],
      rows: changes.map(({ target, before, isChanged: isNew }) => [describeTarget(target), before, isNew ? 'written' : 'kept']),
    },
  ]
}
