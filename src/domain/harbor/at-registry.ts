import * as v from 'valibot'
import { TaskError } from '../../base/errors.ts'
import { httpUnreachable } from '../../io/errors.ts'
import { familyOf } from '../oci/auth/families.ts'
import type { Repository } from '../oci/registry.ts'
import { connectHarbor, type Harbor } from './client.ts'

/** What `GET /api/v2.0/systeminfo` tells everybody, also whoever has no account. */
const anyoneSees = v.object({ auth_mode: v.string() })

/** Milliseconds for all answers of a Harbor where it is asked by the way: one that is ill holds up no run. */
export const patience = 60_000

/**
 * The Harbor that a repository is in, as the account of that repository sees it; undefined where another registry answers. It is asked
 * without a credential first: no other product is shown one. All its answers have to come `within` so many milliseconds. Throws the errors of HTTP where nothing is reached at all.
 */
export async function harborOf(repository: Repository, within?: number): Promise<Harbor | undefined> {
  return (await isHarbor(repository)) === true ? connected(repository, within) : undefined
}

/** As {@link harborOf}, for what only a Harbor can do: that it is not known whether one answers is thrown as well. */
export async function requiredHarborOf(repository: Repository): Promise<Harbor | undefined> {
  const answered = await isHarbor(repository)
  if (answered instanceof Error) throw answered
  return answered ? connected(repository, undefined) : undefined
}

async function connected(repository: Repository, within: number | undefined): Promise<Harbor> {
  const { clock, log } = repository
  const server = await repository.server()
  const { origin, http } = server
  const credential = await server.credential()
  const until = within === undefined ? undefined : clock.now() + within
  return connectHarbor({ origin, until, credential: credential?.kind === 'password' ? credential : undefined }, { http, clock, log })
}

/** Asked once, whoever of a run wants to know. */
async function isHarbor(repository: Repository): Promise<boolean | Error> {
  const { known } = repository
  const family = familyOf(repository.registry, [])
  if (family !== undefined && family.name !== 'Harbor') return false
  return known.turns.take('is it a Harbor', async () => {
    known.isHarbor ??= await answersAsHarbor(repository)
    return known.isHarbor
  })
}

/** Milliseconds for the one question that every unknown registry is asked: it holds up a push that has nothing to do with Harbor. */
const manners = 5000

/** What is no Harbor may answer anything, or nothing. */
async function answersAsHarbor(repository: Repository): Promise<boolean | Error> {
  const { origin, http } = await repository.server()
  try {
    const response = await http.request({
      ...{ method: 'GET', url: `${origin}/api/v2.0/systeminfo`, home: origin, redirect: 'manual', deadline: manners },
      ...{ headers: { accept: 'application/json' }, expect: anything },
    })
    const text = await response.text(256 * 1024)
    return v.safeParse(v.pipe(v.string(), v.parseJson(), anyoneSees), text).success
  } catch (error) {
    if (!(error instanceof TaskError) || httpUnreachable.is(error)) throw error
    repository.log.warn('it is not known whether the registry is a Harbor, so nothing is asked there', { registry: repository.registry })
    return error.retryable ? error : false
  }
}

const anything = [200, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 410]
