import { isSameRepository } from '../git/address.ts'
import type { ApplicationId } from './applications.ts'
import { type Followed, follow } from './follow.ts'
import type { Application } from './schema.ts'
import type { Surroundings } from './surroundings.ts'
import type { SyncSettings } from './sync-request.ts'
import { isSuccess, type Revisions, type Wish } from './wish.ts'

export interface FollowingAll {
  readonly wishFor: (app: Application) => Wish
  readonly until: number
  readonly settings: SyncSettings
  readonly around: Surroundings
  /** Whether applications that an application contains are followed too. */
  readonly recurse: boolean
}

/** No application contains so many levels of others, unless they contain each other. */
const [deepest, most] = [8, 2000]

/** Follows all at once, then those that they contain. */
export async function followAll(ids: readonly ApplicationId[], following: FollowingAll): Promise<readonly Followed[]> {
  const all: Followed[] = []
  const known = new Set<string>()
  let round: readonly Child[] = ids.map((id) => ({ id, wishFor: following.wishFor }))
  for (let depth = 0; round.length > 0 && depth < deepest && all.length < most; depth += 1) {
    const fresh = round.filter(({ id }) => !known.has(keyOf(id)))
    for (const { id } of fresh) known.add(keyOf(id))
    const ended = await Promise.all(fresh.map(({ id, wishFor }) => follow(id, { ...following, wishFor })))
    all.push(...ended)
    round = following.recurse ? ended.flatMap((one) => childrenOf(one, following.wishFor)) : []
  }
  return all
}

interface Child {
  readonly id: ApplicationId
  readonly wishFor: (app: Application) => Wish
}

/** Only of one that is as wanted: before, its children are not what git says. */
function childrenOf(followed: Followed, wishFor: (app: Application) => Wish): readonly Child[] {
  const { app } = followed
  if (app === undefined || !isSuccess(followed)) return []
  const own = wishFor(app)
  return app.resources
    .filter(({ group, kind }) => group === 'argoproj.io' && kind === 'Application')
    .map(({ name, namespace }) => ({
      id: { name, ...(namespace === '' ? {} : { namespace }) },
      wishFor: (child) => ({ ...own, revisions: inherited(child, app, own.revisions), rollback: undefined }),
    }))
}

/** A child that follows the same branch is to have the same revision; of any other it is enough that it is what it follows. */
function inherited(child: Application, parent: Application, revisions: Revisions): Revisions {
  return child.sources.map(({ repository, targetRevision, chart }) => {
    const place = parent.sources.findIndex(
      (source) => chart === '' && isSameRepository(source.repository, repository) && source.targetRevision === targetRevision,
    )
    return revisions[place]
  })
}

function keyOf({ name, namespace = '' }: ApplicationId): string {
  return `${namespace}/${name}`
}
