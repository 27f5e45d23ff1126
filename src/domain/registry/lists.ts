import { type Asked, jsonReply, type Reply } from './exchange.ts'
import { pageOf } from './pages.ts'
import { Refusal } from './refusal.ts'
import { hasRepository, repositoriesOf, type Store, tagsOf } from './store.ts'

const mostPerPage = 10_000

/** GET of the tags of a repository, in byte order, by pages. */
export async function handleTags(store: Store, { name }: { name: string }, asked: Asked): Promise<Reply> {
  requireGet(asked)
  if (!(await hasRepository(store, name))) throw new Refusal(404, 'NAME_UNKNOWN', 'nothing was ever pushed to this repository')
  const { names, headers } = pageOf(await tagsOf(store, name), asked, mostPerPage)
  return jsonReply({ name, tags: names }, headers)
}

/** GET of the names of all repositories with a manifest, in byte order, by pages. */
export async function handleCatalog(store: Store, asked: Asked): Promise<Reply> {
  requireGet(asked)
  const { names, headers } = pageOf(await repositoriesOf(store), asked, mostPerPage)
  return jsonReply({ repositories: names }, headers)
}

function requireGet({ method }: Asked): void {
  if (method !== 'GET' && method !== 'HEAD') throw new Refusal(405, 'UNSUPPORTED', 'a list is read', { allow: 'GET, HEAD' })
}
