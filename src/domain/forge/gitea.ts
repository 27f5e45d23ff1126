import type * as v from 'valibot'
import type { Clock } from '../../spec/ports.ts'
import type { ForgeAddress } from './address.ts'
import { changing } from './changing.ts'
import { connectForge, type ForgeClient } from './client.ts'
import type { ApiCommit, Draft, Forge, ForgePorts, Merging, PullRequest } from './forge.ts'
import { giteaCommit, isBetween, pull, pulls } from './schema.ts'
import { withPatience } from './settling.ts'

/** A repository on Gitea from 1.20 on, or on Forgejo (REST v1). */
export function giteaForge({ api, project }: ForgeAddress, token: string, { http, clock }: ForgePorts): Forge {
  const client = connectForge({ name: 'Gitea', api, headers: { accept: 'application/json', authorization: `token ${token}` } }, http)
  const root = `/repos/${project}`
  return {
    find: (branches) => findOpen(client, project, branches),
    async open(draft) {
      const answer = await client.send({
        ...{ method: 'POST', path: `${root}/pulls`, body: draft, doing: 'open a pull request', expect: ({ status }) => status === 409 },
      })
      return answer.status === 409 ? undefined : requestOf(client.parse(answer, pull))
    },
    ...changing(client, root),
    mergeWhenReady: (request, how) => mergeWhenReady(client, request, { ...how, root, clock }),
    commit: (commit) => commitOn(client, root, commit),
  }
}

function requestOf({ number, html_url: url, title, body }: v.InferOutput<typeof pull>): PullRequest {
  return { number, url, title, body: body ?? '' }
}

/** Pages of fifty that are looked through. */
const mostPages = 40

/** Asked for by base and head, Gitea may answer with one that was closed long ago: it looks at no state there. */
async function findOpen(client: ForgeClient, project: string, branches: Pick<Draft, 'head' | 'base'>): Promise<PullRequest | undefined> {
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { state: 'open', sort: 'recentupdate', limit: '50', page: String(page) }
    const found = await client.read({ method: 'GET', path: `/repos/${project}/pulls`, query, doing: 'list pull requests' }, pulls)
    const one = found.find((each) => isBetween(each, project, branches))
    if (one !== undefined) return requestOf(one)
    if (found.length === 0) return undefined
  }
  return undefined
}

interface MergingThere extends Merging {
  readonly root: string
  readonly clock: Clock
}

function mergeWhenReady(
  client: ForgeClient,
  { number }: PullRequest,
  { commit, method, message, root, clock }: MergingThere,
): Promise<'merged' | 'waiting'> {
  const [MergeTitleField = '', ...rest] = message.split('\n')
  const texts = method === 'squash' ? { MergeTitleField, MergeMessageField: rest.join('\n').trim() } : {}
  const body = { Do: method, merge_when_checks_succeed: true, head_commit_id: commit, delete_branch_after_merge: true, ...texts }
  return withPatience(clock, async () => {
    const { status } = await client.send({
      ...{ method: 'POST', path: `${root}/pulls/${number}/merge`, body, doing: 'merge a pull request' },
      // 405: it is still working out whether it can be merged, or it cannot.
      expect: (answer) => answer.status === 405 || (answer.status === 409 && /scheduled/i.test(answer.said)),
    })
    if (status === 405) return undefined
    return status === 200 ? 'merged' : 'waiting'
  })
}

/** Gitea compares each file with its hash, not the whole branch. */
async function commitOn(client: ForgeClient, root: string, { branch, message, author, files }: ApiCommit): Promise<string | undefined> {
  const changes = files.map(({ path, text, hash }) => ({
    ...{ operation: 'update', path, sha: hash, content: Buffer.from(text).toString('base64') },
  }))
  const body = { branch, message, author, committer: author, files: changes }
  const answer = await client.send({
    ...{ method: 'POST', path: `${root}/contents`, body, doing: `commit to ${branch}` },
    expect: ({ status, said }) =>
      status === 409 || (status === 422 && /sha does not match|push (?:out of date|rejected)|non-fast-forward/i.test(said)),
  })
  return answer.status >= 400 ? undefined : client.parse(answer, giteaCommit).commit.sha
}
