import type { CloudAnswer, CloudRequest, CloudService } from '../cloud.ts'
import type { ForgeStore, StoredRequest } from './store.ts'

/** GitLab of one's own as far as merge requests and commits go (docs.gitlab.com/api). */
export function fakeGitlab(store: ForgeStore, users: Readonly<Record<string, number>> = {}): CloudService {
  const no = (status: number, message: unknown): CloudAnswer => ({ status, body: { message } })
  return ({ method, url, headers, body }: CloudRequest) => {
    if (!url.pathname.startsWith('/api/v4/')) return undefined
    if (headers['authorization'] !== `Bearer ${store.token}`) return no(401, '401 Unauthorized')
    const given = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>
    if (url.pathname === '/api/v4/users') return { status: 200, body: userNamed(url.searchParams.get('username') ?? '') }
    // One part of the path, however many groups there are.
    const path = url.pathname.replace(`/api/v4/projects/${encodeURIComponent(store.project)}`, '')
    if (path === url.pathname) return no(404, '404 Project Not Found')
    if (path === '/repository/commits') return committed(given)
    const [, number, action] = /^\/merge_requests(?:\/(\d+)(?:\/(\w+))?)?$/.exec(path) ?? []
    if (number === undefined) return method === 'GET' ? listed(url) : opened(given, url)
    const request = store.requests[Number(number) - 1]
    if (request === undefined) return no(404, '404 Not found')
    if (action === 'notes') request.comments.push(String(given['body']))
    if (action === 'merge') return merged(request, given, url)
    if (action === undefined) change(request, given)
    return { status: 200, body: shown(request, url) }
  }

  function userNamed(username: string): object {
    return users[username] === undefined ? [] : [{ id: users[username], username }]
  }

  function listed(url: URL): CloudAnswer {
    const [from, to] = [url.searchParams.get('source_branch'), url.searchParams.get('target_branch')]
    const open = store.requests.filter(({ state, head, base }) => state === 'open' && head === from && base === to)
    return { status: 200, body: open.slice(0, Number(url.searchParams.get('per_page') ?? '20')).map((one) => shown(one, url)) }
  }

  function opened(given: Readonly<Record<string, unknown>>, url: URL): CloudAnswer {
    const [head, base] = [String(given['source_branch']), String(given['target_branch'])]
    if (store.open(head, base) !== undefined) return no(409, ['Another open merge request already exists for this source branch: !1'])
    const request = store.add({ head, base, title: String(given['title']), body: String(given['description']) })
    return { status: 201, body: shown(request, url) }
  }

  function change(request: StoredRequest, given: Readonly<Record<string, unknown>>): void {
    if (typeof given['title'] === 'string') request.title = given['title']
    if (typeof given['description'] === 'string') request.body = given['description']
    if (given['state_event'] === 'close') request.state = 'closed'
    if (typeof given['add_labels'] === 'string') for (const label of given['add_labels'].split(',')) request.labels.add(label)
    if (Array.isArray(given['reviewer_ids'])) request.reviewers.push(...given['reviewer_ids'].map(String))
  }

  function merged(request: StoredRequest, given: Readonly<Record<string, unknown>>, url: URL): CloudAnswer {
    if (store.unknown > 0) {
      store.unknown -= 1
      return no(405, '405 Method Not Allowed')
    }
    if (request.state !== 'open') return no(405, '405 Method Not Allowed')
    if (given['sha'] !== store.tip(request.head)) return no(409, 'SHA does not match HEAD of source branch')
    if (store.checks === 'pending') request.armed = given['squash'] === true ? 'squash' : 'merge'
    else store.merge(request, given['squash'] === true ? String(given['squash_commit_message']) : undefined)
    return { status: 200, body: shown(request, url) }
  }

  function shown({ number, title, body, state, labels, from }: StoredRequest, url: URL): object {
    return {
      ...{ iid: number, title, description: body, state: state === 'open' ? 'opened' : state, labels: [...labels] },
      ...{
        web_url: `${url.origin}/${store.project}/-/merge_requests/${number}`,
        source_project_id: from === store.project ? 1 : 2,
        target_project_id: 1,
      },
    }
  }

  function committed(given: Readonly<Record<string, unknown>>): CloudAnswer {
    const actions = given['actions'] as readonly Readonly<Record<string, string>>[]
    const branch = String(given['branch'])
    const tip = store.tip(branch) ?? ''
    // Each file by itself, as GitLab does.
    const moved = actions.some(({ file_path: path = '', last_commit_id: seen = '' }) => store.blob(tip, path) !== store.blob(seen, path))
    if (moved) return no(400, 'You are attempting to update a file that has changed since you started editing it.')
    const files = actions.map(({ file_path: path = '', content = '' }) => ({ path, content }))
    const author = { name: String(given['author_name']), email: String(given['author_email']) }
    return { status: 201, body: { id: store.commit({ branch, message: String(given['commit_message']), author, files }) } }
  }
}
