import { isTag } from '../../../../src/base/reference.ts'
import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, done, notFound, page, precondition, unprocessable } from '../answers.ts'
import { setTag } from '../artifacts.ts'
import { isImmutable } from '../policies.ts'
import type { Call, Routes } from '../router.ts'
import { artifactOf } from '../state.ts'
import { tagView } from './artifact-view.ts'
import { requireArtifact } from './artifacts.ts'

const one = '/projects/:project/repositories/:repository/artifacts/:reference/tags'

/** Tags through the API: never moved, only made and taken away. */
export const tagRoutes: Routes = {
  [`GET ${one}`]: (call) => {
    const { repository, artifact } = requireArtifact(call, 'tag:list')
    const own = [...repository.tags.values()].filter(({ digest }) => digest === artifact.digest).toReversed()
    return page(own, call, { shown: (tag) => tagView(repository, artifact, tag) })
  },
  [`POST ${one}`]: create,
  [`DELETE ${one}/:tag`]: (call) => {
    const { repository, artifact } = requireArtifact(call, 'tag:delete')
    const name = call.params['tag'] ?? ''
    if (artifactOf(repository, name) !== artifact) throw notFound(`tag ${name} attached to artifact ${artifact.id} not found`)
    const short = repository.name.slice(repository.project.name.length + 1)
    if (isImmutable(repository.project, { short, tag: name }))
      throw precondition(`the tag ${name} configured as immutable, cannot be deleted`)
    repository.tags.delete(name)
    return done()
  },
}

function create(call: Call): Reply {
  const { repository, artifact } = requireArtifact(call, 'tag:create')
  const name = String(call.body('tag')['name'] ?? '')
  if (name === '') throw unprocessable('validation failure list:\nname in body is required')
  if (!isTag(name)) throw badRequest(`bad request: invalid tag name: ${name}`)
  if (repository.tags.has(name)) throw conflict(`tag ${name} already exists under the repository ${repository.id}`)
  setTag(call.state, repository, { name, digest: artifact.digest })
  return done(201)
}
