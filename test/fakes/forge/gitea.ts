import type { CloudAnswer, CloudRequest, CloudService } from '../cloud.ts'
import type { ForgeStore, StoredRequest } from './store.ts'

/** Gitea and Forgejo as far as pull requests and commits go (their /api/swagger). */
export function fakeGitea(store: ForgeStore): CloudService {
  const no = (status: number, message: string): CloudAnswer => ({ status, body: { message, url: 'https://gitea.example/api/swagger' } })
  return ({ method, url, headers, body }: CloudRequest) => {
    if (!url.pathname.startsWith('/api/v1/')) return undefined
    if (headers['authorization'] !== `token ${store.token}`) return no(401, 'token is required')
    const path = url.pathname.replace(`/api/v1/repos/${store.project}`, '')
    if (path === url.pathname) return no(404, 'The target couldn’t be found.')
    const given = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>
    if (path === '/contents') return committed(given)
    if (path === '/pulls') return method === 'GET' ? listed(url) : opened(given, url)
    const [, number, action] = /^\/(?:pulls|issues)\/(\d+)(?:\/(\w+))?$/.exec(path) ?? []
    const request = store.requests[Number(number) - 1]
    if (request === undefined) return no(404, 'pull request does not exist')
    if (method === 'PATCH') Object.assign(request, given)
    else if (action === 'comments') request.comments.push(String(given['body']))
    else if (action === 'labels') for (const label of given['labels'] as string[]) request.labels.add(label)
    else if (action === 'requested_reviewers') request.reviewers.push(...((given['reviewers'] ?? []) as string[]))
    else if (action === 'merge') return merged(request, given)
    return { status: 200, body: shown(request, url) }
  }

  /** Pages of two, whatever is asked for: a server may have such a limit. */
  function listed(url: URL): CloudAnswer {
    const begin = (Number(url.searchParams.get('page')) - 1) * 2
    const open = store.requests.filter(({ state }) => state === 'open').slice(begin, begin + 2)
    return { status: 200, body: open.map((one) => shown(one, url)) }
  }

  function opened(given: Readonly<Record<string, unknown>>, url: URL): CloudAnswer {
    const [head, base] = [String(given['head']), String(given['base'])]
    if (store.open(head, base) !== undefined) return no(409, 'pull request already exists for these targets')
    return { status: 201, body: shown(store.add({ head, base, title: String(given['title']), body: String(given['body']) }), url) }
  }

  function merged(request: StoredRequest, given: Readonly<Record<string, unknown>>): CloudAnswer {
    if (store.unknown > 0) {
      store.unknown -= 1
      return no(405, 'Please try again later')
    }
    if (request.state !== 'open') return no(405, '')
    if (given['head_commit_id'] !== store.tip(request.head)) return no(409, 'head out of date')
    if (store.checks === 'none') {
      store.merge(request, given['Do'] === 'squash' ? `${given['MergeTitleField']}\n\n${given['MergeMessageField']}` : undefined)
      return { status: 200, body: '' }
    }
    if (request.armed !== undefined) return no(409, 'The auto merge is already scheduled')
    request.armed = String(given['Do'])
    return { status: 201, body: '' }
  }

  function shown({ number, title, body, state, head, base, from }: StoredRequest, url: URL): object {
    return {
      ...{ number, title, body, state: state === 'open' ? 'open' : 'closed', html_url: `${url.origin}/${store.project}/pulls/${number}` },
      ...{ head: { ref: head, repo: { full_name: from } }, base: { ref: base }, user: { login: 'ci' } },
    }
  }

  function committed(given: Readonly<Record<string, unknown>>): CloudAnswer {
    const branch = String(given['branch'])
    const tip = store.tip(branch) ?? ''
    const files = given['files'] as readonly Readonly<Record<'path' | 'sha' | 'content', string>>[]
    const moved = files.find(({ path, sha }) => store.blob(tip, path) !== sha)
    if (moved !== undefined) return no(422, `sha does not match [given: ${moved.sha}, expected: ${store.blob(tip, moved.path)}]`)
    const author = given['author'] as { readonly name: string; readonly email: string }
    return { status: 201, body: { files: [], commit: { sha: store.commit({ branch, message: String(given['message']), author, files }) } } }
  }
}
