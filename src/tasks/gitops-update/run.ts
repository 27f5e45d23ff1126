import { join } from 'node:path'
import { shortDigest } from '../../base/digest.ts'
import { parseAddress } from '../../domain/git/address.ts'
import { credentialsFor } from '../../domain/git/credentials.ts'
import type { NewImage } from '../../domain/gitops/image.ts'
import type { Proposed } from '../../domain/gitops/proposal.ts'
import type { Published } from '../../domain/gitops/publication.ts'
import { describeTarget, parseTarget } from '../../domain/gitops/target.ts'
import { implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { imageOf } from './image.ts'
import { published } from './publishing.ts'
import { signingFor } from './signing.ts'
import { task } from './task.ts'
import { requireRecorded, requireTrusted } from './trusted.ts'

export const run = implement(task, async (input, context) => {
  const { digest } = input
  const targets = input.targets.map(parseTarget)
  const address = parseAddress(input.repository)
  const credentials = credentialsFor(input, address, context.log)
  requireRecorded(input, context)
  const image = await imageOf(input, context)
  if (input.policy !== undefined) await requireTrusted(input.policy, image, { input, context })
  const folder = await context.files.temporary('gitops')
  const { SSH_AUTH_SOCK, GIT_SSH_COMMAND } = context.environment
  const { repository, commit: revision, runUrl } = context.source
  await using signing = await signingFor(input, join(folder, 'signing'), context)
  const publication = {
    git: { folder: join(folder, 'repository'), address, credentials, ssh: { SSH_AUTH_SOCK, GIT_SSH_COMMAND } },
    ...{ branch: input.branch, targets, image, title: input.message ?? titleOf(image), timeout: input.timeout },
    ...{ expectCurrent: input.expectCurrent, order: input.order, freezeFile: input.freezeFile },
    ...{ source: repository === undefined ? undefined : `${repository}@${revision ?? ''}`, run: runUrl },
    author: { name: input.authorName, email: input.authorEmail, signing },
  }
  const done = await published(publication, { input, context })
  const { commit, branch, isChanged } = done
  const pullRequest = 'pullRequest' in done ? done.pullRequest : undefined
  // What is merged waits for nobody: the commit is on the branch that deploys.
  const waiting = 'state' in done && done.state === 'merged' ? undefined : pullRequest
  return {
    outputs: { commit, branch, changed: isChanged, pullRequest: pullRequest ?? '' },
    record: { gitops: { repository: address.url, branch, commit, digest, ...(waiting === undefined ? {} : { pullRequest: waiting }) } },
    headline: `${branch} · ${commit.slice(0, 12)} · ${stateOf(done, image)}`,
    summary: summaryOf(done, { image, url: address.url }),
  }
})

function titleOf(image: NewImage): string {
  return `Deploy ${nameOf(image)}`
}

function nameOf({ name, tag, digest }: NewImage): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return tag === undefined ? `${last}@${shortDigest(digest)}` : `${last}:${tag}`
}

function stateOf(done: Published | Proposed, image: NewImage): string {
  if (!('state' in done)) return done.isChanged ? `${nameOf(image)} written` : 'has it already'
  return done.state === 'needless' ? 'has it already' : states[done.state]
}

const states = {
  opened: 'pull request opened',
  updated: 'pull request updated',
  unchanged: 'pull request has it already',
  merged: 'pull request merged',
  closed: 'has it already, pull request closed',
} as const

function summaryOf(done: Published | Proposed, { image, url }: { readonly image: NewImage; readonly url: string }): readonly Block[] {
  const { commit, changes, isChanged, attempts } = done
  const { name, tag, digest } = image
  const end = isChanged ? `Commit ${commit}${attempts > 1 ? `, at attempt ${attempts}` : ''}` : `Nothing to change: ${commit} has it.`
  const request = 'pullRequest' in done && done.pullRequest !== undefined ? [done.pullRequest] : []
  return [
    { kind: 'text', text: [`${name}${tag === undefined ? '' : `:${tag}`}@${digest}`, url, end, ...request].join('\n') },
    {
      kind: 'table',
      title: 'Places',
      columns: ['place', 'before', 'state'],
      rows: changes.map(({ target, before, isChanged: isNew }) => [describeTarget(target), before, isNew ? 'written' : 'kept']),
    },
  ]
}
