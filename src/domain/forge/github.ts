import type * as v from 'valibot'
import type { Clock } from '../../spec/ports.ts'
import type { ForgeAddress } from './address.ts'
import { changing } from './changing.ts'
import { forgeRefused } from './errors.ts'
import type { ApiCommit, Forge, ForgePorts, Merging, PullRequest } from './forge.ts'
import { connectGithub, type GithubClient } from './github-client.ts'
import { armed, isBetween, madeCommit, pull, pulls } from './schema.ts'
import { withPatience } from './settling.ts'

const makeCommit = 'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }'
const arm = 'mutation ($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { number } } }'

/** A repository on GitHub (REST 2022-11-28; GraphQL for what REST has not). */
export function githubForge({ api, project }: ForgeAddress, token: string, { http, clock }: ForgePorts): Forge {
  const client = connectGithub({ api, token }, http)
  const [owner = ''] = project.split('/')
  const root = `/repos/${project}`
  return {
    async find({ head, base }) {
      const query = { head: `${owner}:${head}`, base, state: 'open', per_page: '100' }
      const found = await client.read({ method: 'GET', path: `${root}/pulls`, query, doing: 'list pull requests' }, pulls)
      return found.filter((one) => isBetween(one, project, { head, base })).map(requestOf)[0]
    },
    async open(draft) {
      const answer = await client.send({
        ...{ method: 'POST', path: `${root}/pulls`, body: draft, doing: 'open a pull request' },
        expect: ({ status, said }) => status === 422 && /already exists/i.test(said),
      })
      return answer.status === 422 ? undefined : requestOf(client.parse(answer, pull))
    },
    ...changing(client, root),
    mergeWhenReady: (request, how) => mergeWhenReady(client, request, { ...how, root, clock }),
    commit: (commit) => commitOn(client, project, commit),
  }
}

function requestOf({ number, html_url: url, title, body, node_id: id }: v.InferOutput<typeof pull>): PullRequest {
  return { number, url, title, body: body ?? '', id }
}

interface MergingThere extends Merging {
  readonly root: string
  readonly clock: Clock
}

/** GitHub arms only what has something to wait for, and what has not is merged. */
async function mergeWhenReady(
  client: GithubClient,
  { number, id }: PullRequest,
  { commit, method, message, root, clock }: MergingThere,
): Promise<'merged' | 'waiting'> {
  const { headline: commitHeadline, body: commitBody } = partsOf(message)
  const texts = method === 'squash' ? { commit_title: commitHeadline, commit_message: commitBody } : {}
  const body = { sha: commit, merge_method: method, ...texts }
  return withPatience(clock, async () => {
    const answer = await client.graphql({
      ...{ query: arm, schema: armed, doing: 'merge a pull request when it is ready', idempotent: true },
      variables: {
        input: { pullRequestId: id, mergeMethod: method.toUpperCase(), ...(method === 'squash' ? { commitHeadline, commitBody } : {}) },
      },
      expect: ({ message }) => /clean status|unstable status/i.test(message),
    })
    if ('data' in answer) return 'waiting'
    const { status } = await client.send({
      ...{ method: 'PUT', path: `${root}/pulls/${number}/merge`, body },
      // GitHub has not yet worked out whether it can be merged. Of rules, such as a merge queue, it has 405 as well.
      ...{
        doing: 'merge a pull request',
        expect: (answer) => answer.status === 405 && /not mergeable|try the merge again/i.test(answer.said),
      },
    })
    return status === 405 ? undefined : 'merged'
  })
}

/** Signed by GitHub where an app or a workflow asks for it. */
async function commitOn(client: GithubClient, project: string, { branch, parent, message, files }: ApiCommit): Promise<string | undefined> {
  const program = files.find(({ mode }) => mode === '100755')
  if (program !== undefined)
    throw forgeRefused(`GitHub makes no commit with an executable file, which ${program.path} is: its mode would be lost.`, {
      hint: 'Set `mode` to push, or git update-index --chmod=-x on the file.',
      safe: 'nothing was written',
    })
  const additions = files.map(({ path, text }) => ({ path, contents: Buffer.from(text).toString('base64') }))
  const input = {
    ...{ branch: { repositoryNameWithOwner: project, branchName: branch }, expectedHeadOid: parent },
    ...{ message: partsOf(message), fileChanges: { additions } },
  }
  const answer = await client.graphql({
    ...{ query: makeCommit, variables: { input }, schema: madeCommit, doing: `commit to ${branch}` },
    expect: ({ type, message: said }) => type === 'STALE_DATA' || /expected branch to point to/i.test(said),
  })
  return 'data' in answer ? answer.data.createCommitOnBranch.commit.oid : undefined
}

function partsOf(message: string): { readonly headline: string; readonly body: string } {
  const [headline = '', ...rest] = message.split('\n')
  return { headline, body: rest.join('\n').trim() }
}
