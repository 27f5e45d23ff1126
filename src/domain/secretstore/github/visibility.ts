import type { GithubClient } from '../../forge/github-client.ts'
import { selectedRepositories } from './schema.ts'

const [perPage, mostPages] = [100, 100]

/** Who sees a secret of an organization: as before, and a new one private repositories only. GitHub wants it said each time. */
export async function visibilityOf(
  github: GithubClient,
  path: string,
  before: 'all' | 'private' | 'selected' | undefined = 'private',
): Promise<{ readonly visibility: string; readonly selected_repository_ids?: readonly number[] }> {
  if (before !== 'selected') return { visibility: before }
  const ids: number[] = []
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { per_page: String(perPage), page: String(page) }
    const call = { method: 'GET', path: `${path}/repositories`, query, doing: 'list the repositories that see the secret' } as const
    const { total_count, repositories } = await github.read(call, selectedRepositories)
    ids.push(...repositories.map(({ id }) => id))
    if (repositories.length === 0 || ids.length >= total_count) break
  }
  return { visibility: before, selected_repository_ids: ids }
}
