import type { CloudAnswer, CloudRequest, CloudService } from '../cloud.ts'
import type { ForgeStore, StoredRequest } from './store.ts'

/** GitHub Enterprise Server as far as pull requests and commits go (docs.github.com/rest, /graphql). */
export function fakeGithub(store: ForgeStore): CloudService {
  const { project } = store
  const [owner = ''] = project.split('/')
  const no = (status: number, message: string, more: object = {}): CloudAnswer => ({ status, body: { message, ...more } })
  return ({ method, url, headers, body }: CloudRequest) => {
    if (!url.pathname.startsWith('/api/')) return undefined
    if (headers['authorization'] !== `Bearer ${store.token}`) return no(401, 'Bad credentials')
    if (url.pathname === '/api/graphql') return graphql(JSON.parse(body))
    const path = url.pathname.replace(`/api/v3/repos/${project}`, '')
    if (path === url.pathname) return no(404, 'Not Found')
    const given: unknown = body === '' ? {} : JSON.parse(body)
    return rest(method, path, { url, given: given as Record<string, never> })
  }

  function rest(method: string, path: string, { url, given }: { url: URL; given: Readonly<Record<string, never>> }): CloudAnswer {
    const [, kind, number, action] = /^\/(pulls|issues)(?:\/(\d+)(?:\/(\w+))?)?$/.exec(path) ?? []
    const request = store.requests[Number(number) - 1]
    if (kind === 'pulls' && number === undefined && method === 'GET') {
      const [from = '', head = ''] = (url.searchParams.get('head') ?? '').split(':')
      const base = url.searchParams.get('base') ?? ''
      // By the owner of the head only: a fork in the same organisation fits too.
      const open = store.requests.filter((one) => from === owner && one.state === 'open' && one.head === head && one.base === base)
      return { status: 200, body: open.map((one) => shown(one, url)) }
    }
    if (kind === 'pulls' && number === undefined) return opened(given, url)
    if (request === undefined) return no(404, 'Not Found')
    if (method === 'PATCH') Object.assign(request, given)
    else if (action === 'comments') request.comments.push(given['body'] ?? '')
    else if (action === 'labels') for (const label of (given['labels'] ?? []) as string[]) request.labels.add(label)
    else if (action === 'requested_reviewers') request.reviewers.push(...reviewersOf(given))
    else if (action === 'merge') return merged(request, given)
    else return no(404, 'Not Found')
    return { status: 200, body: shown(request, url) }
  }

  function opened(given: Readonly<Record<string, never>>, url: URL): CloudAnswer {
    const { head = '', base = '', title = '', body = '' } = given as Readonly<Record<string, string>>
    if (store.open(head, base) !== undefined)
      return no(422, 'Validation Failed', {
        errors: [{ resource: 'PullRequest', code: 'custom', message: `A pull request already exists for ${owner}:${head}.` }],
      })
    if (store.tip(head) === undefined || store.tip(head) === store.tip(base))
      return no(422, 'Validation Failed', { errors: [{ message: `No commits between ${base} and ${head}` }] })
    return { status: 201, body: shown(store.add({ head, base, title, body }), url) }
  }

  function merged(
    request: StoredRequest,
    { sha, commit_title: title, commit_message: text }: Readonly<Record<string, string>>,
  ): CloudAnswer {
    if (store.queue) return no(405, 'Repository rule violations found: Changes must be made through the merge queue')
    if (request.state !== 'open') return no(405, 'Pull Request is not mergeable')
    if (store.unknown > 0) {
      store.unknown -= 1
      return no(405, 'Base branch was modified. Review and try the merge again.')
    }
    if (sha !== store.tip(request.head)) return no(409, 'Head branch was modified. Review and try the merge again.')
    store.merge(request, title === undefined ? undefined : `${title}\n\n${text}`)
    return { status: 200, body: { merged: true } }
  }

  function shown({ number, title, body, state, head, base, from }: StoredRequest, url: URL): object {
    return {
      ...{
        number,
        title,
        body,
        state: state === 'open' ? 'open' : 'closed',
        html_url: `${url.origin}/${project}/pull/${number}`,
        node_id: `PR_${number}`,
      },
      ...{ head: { ref: head, repo: { full_name: from } }, base: { ref: base }, user: { login: 'ci' } },
    }
  }

  function graphql({ query, variables }: { query: string; variables: { input: GraphqlInput } }): CloudAnswer {
    const { input } = variables
    const fail = (type: string, message: string): CloudAnswer => ({ status: 200, body: { data: null, errors: [{ type, message }] } })
    if (query.includes('enablePullRequestAutoMerge')) {
      const request = store.requests.find(({ number }) => `PR_${number}` === input.pullRequestId)
      if (request === undefined) return fail('NOT_FOUND', 'Could not resolve to a node')
      if (request.state !== 'open') return fail('UNPROCESSABLE', 'Pull request is closed')
      if (store.checks === 'none') return fail('UNPROCESSABLE', 'Pull request Pull request is in clean status')
      request.armed = input.mergeMethod ?? ''
      return { status: 200, body: { data: { enablePullRequestAutoMerge: { pullRequest: { number: request.number } } } } }
    }
    const { branch, message, expectedHeadOid, fileChanges } = input
    const { branchName } = branch
    if (store.tip(branchName) !== expectedHeadOid)
      return fail('STALE_DATA', `Expected branch to point to "${expectedHeadOid}" but it did not.  Pull and try again.`)
    const files = fileChanges.additions.map(({ path, contents: content }) => ({ path, content }))
    const oid = store.commit({ branch: branchName, message: `${message.headline}\n\n${message.body}`, files })
    return { status: 200, body: { data: { createCommitOnBranch: { commit: { oid } } } } }
  }
}

interface GraphqlInput {
  readonly pullRequestId?: string
  readonly mergeMethod?: string
  readonly branch: { readonly repositoryNameWithOwner: string; readonly branchName: string }
  readonly message: { readonly headline: string; readonly body: string }
  readonly expectedHeadOid: string
  readonly fileChanges: { readonly additions: readonly { readonly path: string; readonly contents: string }[] }
}

function reviewersOf(given: Readonly<Record<string, unknown>>): string[] {
  const names = (key: string): string[] => (Array.isArray(given[key]) ? given[key].map(String) : [])
  return [...names('reviewers'), ...names('team_reviewers').map((team) => `team ${team}`)]
}
