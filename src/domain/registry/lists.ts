import { answerJson, type Exchange } from './answer.ts'
import { pageOf } from './pages.ts'
import { Refusal } from './refusal.ts'
import { hasRepository, repositoriesOf, type Store, tagsOf } from './store.ts'

const mostPerPage = 10_000

/** GET of the tags of a repository, in byte order, by pages. */
export async function handleTags(store: Store, { name }: { name: string }, exchange: Exchange): Promise<void> {
  requireGet(exchange)
  if (!(await hasRepository(store, name))) throw new Refusal(404, 'NAME_UNKNOWN', 'nothing was ever pushed to this repository')
  const { names, headers } = pageOf(await tagsOf(store, name), exchange, mostPerPage)
  answerJson(exchange, { name, tags: names }, headers)
}

/** GET of the names of all repositories with a manifest, in byte order, by pages. */
export async function handleCatalog(store: Store, exchange: Exchange): Promise<void> {
  requireGet(exchange)
  const { names, headers } = pageOf(await repositoriesOf(store), exchange, mostPerPage)
  answerJson(exchange, { repositories: names }, headers)
}

function requireGet({ request }: Exchange): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refusal(405, 'UNSUPPORTED', 'a list is read', { allow: 'GET, HEAD' })
}
