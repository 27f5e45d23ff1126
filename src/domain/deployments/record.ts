import { messageOf, TaskError } from '../../base/errors.ts'
import type { Http, Log, Source } from '../../spec/ports.ts'
import { type Environment, isOnGithub } from '../codescanning/github-run.ts'
import { deploymentUnrecorded } from './errors.ts'
import { type DeploymentFacts, type DeploymentState, type DeploymentStatus, type GithubDeployments, githubDeployments } from './github.ts'
import { deploymentTarget } from './target.ts'

/** `auto`: where it can be; what is missing is told and harms nothing. `required`: or the task fails. */
export type DeploymentMode = 'auto' | 'required' | 'off'

export interface DeploymentWish extends DeploymentFacts {
  readonly mode: DeploymentMode
  readonly environmentUrl?: string | undefined
  /** Of GitHub; default that of the run. */
  readonly token?: string | undefined
}

export interface DeploymentPorts {
  readonly http: Http
  readonly log: Log
  readonly environment: Environment
  readonly source: Source
}

/** A deployment that has begun, wherever it is recorded. */
export interface DeploymentRecord {
  /** GitHub’s number; undefined where nothing is recorded. */
  readonly id: number | undefined
  /** Says how it ended. */
  end(state: Exclude<DeploymentState, 'in_progress'>, description: string): Promise<void>
  /** Says how it stands when the run has been stopped: within {@link lastWords}, and whatever comes of it. */
  stop(state: Exclude<DeploymentState, 'in_progress'>, description: string): Promise<void>
}

const unrecorded: DeploymentRecord = { id: undefined, end: async () => undefined, stop: async () => undefined }
/** Milliseconds that a run which was stopped takes to say so: a runner gives it a few seconds for all. */
const lastWords = 3000

/**
 * Records that a digest goes to an environment: the deployment of the same digest and revision when a run before has made one, else a new
 * one, and a mark at the commit. @throws SW-DEPLOYMENT-UNRECORDED only in the mode `required`
 */
export async function beginDeployment(wish: DeploymentWish, ports: DeploymentPorts): Promise<DeploymentRecord> {
  if (wish.mode === 'off') return unrecorded
  const target = deploymentTarget(ports.environment, ports.source, wish.token)
  if (typeof target === 'string') return missing(wish, ports, target)
  const github = githubDeployments(target, ports.http)
  const set = async (id: number, status: DeploymentStatus): Promise<void> => {
    await github.setStatus(id, status)
    await tolerated(wish, ports.log, 'the commit is not marked', () => github.markCommit(wish.environment, status))
  }
  const urls = { environmentUrl: wish.environmentUrl, logUrl: ports.source.runUrl }
  const late = githubDeployments(target, {
    request: (request) => ports.http.request({ ...request, evenStopped: true, deadline: lastWords }),
  })
  const stop = async (id: number, status: DeploymentStatus): Promise<void> => {
    const said = await Promise.allSettled([late.setStatus(id, status), late.markCommit(wish.environment, status)])
    for (const one of said)
      if (one.status === 'rejected')
        ports.log.warn('the end of the deployment is not recorded at GitHub', { reason: messageOf(one.reason) })
  }
  const id = await tolerated(wish, ports.log, 'the deployment is not recorded', async () => {
    const known = await idOf(github, wish)
    try {
      await set(known, { ...urls, state: 'in_progress', description: `${wish.application} goes to ${wish.environment}` })
    } catch (error) {
      // By a signal: nobody else would end what may be in progress by now.
      if (!(error instanceof TaskError)) await stop(known, { ...urls, state: 'error', description: 'the run was stopped as it began' })
      throw error
    }
    return known
  })
  if (id === undefined) return unrecorded
  return {
    id,
    end: async (state, description) => {
      await tolerated(wish, ports.log, 'the end of the deployment is not recorded', () => set(id, { ...urls, state, description }))
    },
    stop: (state, description) => stop(id, { ...urls, state, description }),
  }
}

async function idOf(github: GithubDeployments, { environment, digest, revision, application }: DeploymentWish): Promise<number> {
  const facts = { environment, digest, revision, application }
  return (await github.find(facts)) ?? github.create(facts)
}

/** A record is worth less than what it records: what cannot be written is told. */
async function tolerated<T>({ mode }: DeploymentWish, log: Log, what: string, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof TaskError) || deploymentUnrecorded.is(error)) throw error
    if (mode === 'required')
      throw deploymentUnrecorded(`At GitHub ${what}: ${messageOf(error)}`, { cause: error, retryable: error.retryable })
    log.warn(`${what} at GitHub`, { reason: messageOf(error), fix: 'permissions: { deployments: write, statuses: write }' })
    return undefined
  }
}

/** On GitHub who names an environment expects to see it there; elsewhere nobody does. */
function missing({ mode }: DeploymentWish, { log, environment }: DeploymentPorts, why: string): DeploymentRecord {
  if (mode === 'required') throw deploymentUnrecorded(`The deployment cannot be recorded at GitHub: ${why}.`)
  log[isOnGithub(environment) ? 'warn' : 'info']('no deployment is recorded at GitHub', { reason: why })
  return unrecorded
}
