import type * as v from 'valibot'
import type { Clock } from '../../spec/ports.ts'
import type { ForgeAddress } from './address.ts'
import { connectForge, type ForgeClient } from './client.ts'
import { forgeRefused } from './errors.ts'
import type { ApiCommit, Forge, ForgePorts, Merging, PullRequest } from './forge.ts'
import { gitlabCommit, gitlabUsers, mergeRequest, mergeRequests } from './schema.ts'
import { withPatience } from './settling.ts'

/** A project on GitLab (REST v4). */
export function gitlabForge({ api, project }: ForgeAddress, token: string, { http, clock }: ForgePorts): Forge {
  const client = connectForge({ name: 'GitLab', api, headers: { accept: 'application/json', authorization: `Bearer ${token}` } }, http)
  const root = `/projects/${encodeURIComponent(project)}`
  return {
    async find({ head, base }) {
      const query = { source_branch: head, target_branch: base, state: 'opened', per_page: '100' }
      const found = await client.read({ method: 'GET', path: `${root}/merge_requests`, query, doing: 'list merge requests' }, mergeRequests)
      // One of a fork may have a branch of the same name.
      return found.filter((one) => one.source_project_id === one.target_project_id).map(requestOf)[0]
    },
    async open({ head, base, title, body: description }) {
      const body = { source_branch: head, target_branch: base, title, description, remove_source_branch: true }
      const answer = await client.send({
        ...{ method: 'POST', path: `${root}/merge_requests`, body, doing: 'open a merge request', expect: ({ status }) => status === 409 },
      })
      return answer.status === 409 ? undefined : requestOf(client.parse(answer, mergeRequest))
    },
    rewrite: ({ number }, { title, body: description }) => put(number, { title, description }, 'change a merge request'),
    async close({ number }, why) {
      await client.send({ method: 'POST', path: `${root}/merge_requests/${number}/notes`, body: { body: why }, doing: 'comment' })
      await put(number, { state_event: 'close' }, 'close a merge request')
    },
    label: ({ number }, labels) => put(number, { add_labels: labels.join(',') }, 'label a merge request'),
    async askReview({ number }, reviewers) {
      await put(number, { reviewer_ids: await Promise.all(reviewers.map((name) => userId(client, name))) }, 'ask for a review')
    },
    mergeWhenReady: (request, how) => mergeWhenReady(client, request, { ...how, root, clock }),
    commit: (commit) => commitOn(client, root, commit),
  }

  async function put(number: number, body: Readonly<Record<string, unknown>>, doing: string): Promise<void> {
    await client.send({ method: 'PUT', path: `${root}/merge_requests/${number}`, body, doing })
  }
}

function requestOf({ iid: number, web_url: url, title, description }: v.InferOutput<typeof mergeRequest>): PullRequest {
  return { number, url, title, body: description ?? '' }
}

/** GitLab takes reviewers by number. */
async function userId(client: ForgeClient, username: string): Promise<number> {
  const [user] = await client.read({ method: 'GET', path: '/users', query: { username }, doing: 'look up a reviewer' }, gitlabUsers)
  if (user !== undefined) return user.id
  throw forgeRefused(`GitLab at ${client.api} knows no user ${JSON.stringify(username.slice(0, 100))}, who was named as a reviewer.`)
}

interface MergingThere extends Merging {
  readonly root: string
  readonly clock: Clock
}

/** Whether merge requests are rebased is a setting of the project. */
function mergeWhenReady(
  client: ForgeClient,
  { number }: PullRequest,
  { commit, method, message, root, clock }: MergingThere,
): Promise<'merged' | 'waiting'> {
  // The second is what the first is called from 17.11 on.
  const body = {
    merge_when_pipeline_succeeds: true,
    auto_merge: true,
    sha: commit,
    squash: method === 'squash',
    ...(method === 'squash' ? { squash_commit_message: message.trim() } : {}),
    should_remove_source_branch: true,
  }
  return withPatience(clock, async () => {
    const answer = await client.send({
      // 405, 406, 422: it is still working out whether it can be merged, or it cannot.
      ...{
        method: 'PUT',
        path: `${root}/merge_requests/${number}/merge`,
        body,
        doing: 'merge a merge request',
        expect: ({ status }) => [405, 406, 422].includes(status),
      },
    })
    if (answer.status >= 400) return undefined
    return client.parse(answer, mergeRequest).state === 'merged' ? 'merged' : 'waiting'
  })
}

/** GitLab compares each file with the one at `last_commit_id`, not the whole branch. */
async function commitOn(
  client: ForgeClient,
  root: string,
  { branch, parent, message, author, files }: ApiCommit,
): Promise<string | undefined> {
  const actions = files.map(({ path, text }) => ({
    ...{ action: 'update', file_path: path, last_commit_id: parent },
    ...{ content: Buffer.from(text).toString('base64'), encoding: 'base64' },
  }))
  const body = { branch, commit_message: message, author_name: author.name, author_email: author.email, actions }
  const answer = await client.send({
    ...{ method: 'POST', path: `${root}/repository/commits`, body, doing: `commit to ${branch}` },
    expect: ({ status, said }) =>
      status === 400 && /has changed since you started editing|could not update .*refs|reference update/i.test(said),
  })
  return answer.status === 400 ? undefined : client.parse(answer, gitlabCommit).id
}
