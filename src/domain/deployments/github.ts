import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import type { Http } from '../../spec/ports.ts'
import { connectGithub, type GithubClient } from '../forge/github-client.ts'
import { deployment, deployments } from './schema.ts'
import type { DeploymentTarget } from './target.ts'

/** What is deployed, and where to. */
export interface DeploymentFacts {
  /** `production` */
  readonly environment: string
  /** `sha256:…` of the image. */
  readonly digest: string
  /** What is live: the commit of the GitOps repository. */
  readonly revision: string
  /** Names of the applications. */
  readonly application: string
}

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

export interface DeploymentStatus {
  readonly state: DeploymentState
  /** On one line; GitHub keeps 140 characters. */
  readonly description: string
  /** Where it answers. */
  readonly environmentUrl?: string | undefined
  /** The run. */
  readonly logUrl?: string | undefined
}

/** GitHub’s deployments of one commit (REST 2022-11-28). @throws SW-FORGE-… and the errors of HTTP */
export interface GithubDeployments {
  /** The deployment of the same digest and revision to the same environment; the newest of several. */
  find(facts: DeploymentFacts): Promise<number | undefined>
  create(facts: DeploymentFacts): Promise<number>
  setStatus(id: number, status: DeploymentStatus): Promise<void>
  /** The mark at the commit: one for each environment. */
  markCommit(environment: string, status: DeploymentStatus): Promise<void>
}

const [longestDescription, longestContext, perPage, mostPages] = [140, 250, 100, 5]
/** Tells our deployments from those of others to the same environment. */
const task = 'deploy:slipway'

export function githubDeployments({ api, repository, token, commit }: DeploymentTarget, http: Http): GithubDeployments {
  const client = connectGithub({ api, token }, http)
  const root = `/repos/${repository}`
  return {
    find: (facts) => find(client, { root, commit }, facts),
    async create({ environment, ...known }) {
      const body = {
        // Not to be merged with anything, nor to wait for checks of this very run.
        ...{ ref: commit, task, environment, auto_merge: false, required_contexts: [], payload: { slipway: 1, ...known } },
        description: `${known.application} ${known.digest.slice(0, 19)}`.slice(0, longestDescription),
      }
      return (await client.read({ method: 'POST', path: `${root}/deployments`, body, doing: 'create a deployment' }, deployment)).id
    },
    async setStatus(id, { state, description, environmentUrl, logUrl }) {
      const urls = {
        ...(environmentUrl === undefined ? {} : { environment_url: environmentUrl }),
        ...(logUrl === undefined ? {} : { log_url: logUrl }),
      }
      const body = { state, description: line(description), auto_inactive: true, ...urls }
      await client.send({
        method: 'POST',
        path: `${root}/deployments/${id}/statuses`,
        body,
        doing: 'set the state of a deployment',
        idempotent: true,
      })
    },
    async markCommit(environment, { state, description, environmentUrl, logUrl }) {
      const url = environmentUrl ?? logUrl
      const context = `slipway/deploy/${environment}`.slice(0, longestContext)
      const body = { state: markOf[state], context, description: line(description), ...(url === undefined ? {} : { target_url: url }) }
      await client.send({ method: 'POST', path: `${root}/statuses/${commit}`, body, doing: 'mark a commit', idempotent: true })
    },
  }
}

/** A commit that a newer one took the place of is in what lives. */
const markOf = { in_progress: 'pending', success: 'success', failure: 'failure', error: 'error', inactive: 'success' } as const

/** GitHub has the newest first. */
async function find(
  client: GithubClient,
  { root, commit }: { readonly root: string; readonly commit: string },
  facts: DeploymentFacts,
): Promise<number | undefined> {
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { sha: commit, environment: facts.environment, task, per_page: String(perPage), page: String(page) }
    const found = await client.read({ method: 'GET', path: `${root}/deployments`, query, doing: 'list deployments' }, deployments)
    const ours = found.find(
      ({ payload }) =>
        payload !== undefined &&
        payload.digest === facts.digest &&
        payload.revision === facts.revision &&
        payload.application === facts.application,
    )
    if (ours !== undefined) return ours.id
    if (found.length < perPage) return undefined
  }
  return undefined
}

function line(text: string): string {
  return excerpt(neutraliseLine(text), longestDescription - 1)
}
