import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { done, json, notFound, page } from '../answers.ts'
import { listed, remove } from '../artifacts.ts'
import { requireRemovable } from '../policies.ts'
import { isAdmin, roleIn } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { type Repository, repositoryOf, timeOf } from '../state.ts'
import { matching } from '../vocabulary.ts'
import { own } from './projects.ts'

export const repositoryRoutes: Routes = {
  'GET /projects/:project/repositories': (call) => {
    const project = own(call, 'repository:list')
    return list(
      call,
      call.state.repositories.filter((one) => one.project === project),
    )
  },
  'GET /repositories': (call) => {
    const seen = ({ project }: Repository): boolean =>
      isAdmin(call.who) || project.metadata.get('public') === 'true' || roleIn(project, call.who) !== undefined
    return list(call, call.state.repositories.filter(seen))
  },
  'GET /projects/:project/repositories/:repository': (call) => json(view(requireRepository(call, 'repository:read'))),
  'PUT /projects/:project/repositories/:repository': (call) => {
    const repository = requireRepository(call, 'repository:update')
    repository.description = String(call.body('repository')['description'] ?? '')
    repository.updated = timeOf(call.state)
    return done()
  },
  'DELETE /projects/:project/repositories/:repository': (call) => {
    const { state } = call
    const repository = requireRepository(call, 'repository:delete')
    const artifacts = [...repository.artifacts.values()]
    for (const artifact of artifacts) requireRemovable(repository, artifact)
    for (const artifact of artifacts) remove(state, repository, artifact)
    state.repositories.splice(state.repositories.indexOf(repository), 1)
    return done()
  },
}

/** The name with its project; in the path it is encoded twice. */
export function repositoryName({ params }: Call): string {
  return `${params['project']}/${decodeURIComponent(params['repository'] ?? '')}`
}

function requireRepository(call: Call, right: string): Repository {
  own(call, right)
  const repository = repositoryOf(call.state, repositoryName(call))
  if (repository === undefined) throw notFound(`repository ${repositoryName(call)} not found`)
  return repository
}

function view(repository: Repository) {
  const { id, name, project, created, updated, description } = repository
  const described = description === undefined ? {} : { description }
  const count = listed(repository).length
  return {
    artifact_count: count,
    creation_time: created,
    ...described,
    id,
    name,
    project_id: project.id,
    pull_count: 0,
    update_time: updated,
  }
}

function list(call: Call, all: readonly Repository[]): Reply {
  const matches = matching(call.query.get('q'))
  return page(all.filter(({ name }) => matches({ name })).toReversed(), call, { shown: view })
}
