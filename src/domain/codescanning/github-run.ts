import * as v from 'valibot'
import { isLoopback } from '../../base/loopback.ts'
import type { Source } from '../../spec/ports.ts'
import { event } from './schema.ts'

/** Variables of a run on GitHub that say what may be uploaded to where. */
export const githubRunEnvironment = [
  ...['GITHUB_ACTIONS', 'SLIPWAY_HOST', 'GITHUB_API_URL', 'GITHUB_REPOSITORY'],
  ...['GITHUB_EVENT_NAME', 'GITHUB_EVENT_PATH', 'GITHUB_ACTOR', 'GITHUB_TOKEN'],
] as const

/** Where the analyses of a run belong. */
export interface AnalysisTarget {
  /** `https://api.github.com`, without a slash at its end. */
  readonly api: string
  /** `acme/app` */
  readonly repository: string
  readonly token: string
  /** Full hash. */
  readonly commit: string
  /** `refs/heads/main`, `refs/pull/7/merge` */
  readonly ref: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Whether this is a run of GitHub Actions, or of a server that keeps its conventions. */
export function isOnGithub(environment: Environment): boolean {
  const host = environment['SLIPWAY_HOST'] ?? (environment['GITHUB_ACTIONS'] === 'true' ? 'github' : 'local')
  return host === 'github'
}

/** Where the analyses of this run belong; a text names what the run lacks. */
export function targetOf(environment: Environment, { commit, ref }: Source): AnalysisTarget | string {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_TOKEN: token = '' } = environment
  const api = (environment['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/+$/, '')
  if (!mayHaveToken(api)) return 'GITHUB_API_URL is no address with https'
  if (token === '') return 'GITHUB_TOKEN is not set'
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) return 'GITHUB_REPOSITORY names no repository'
  if (commit === undefined || !/^[0-9a-f]{40,64}$/i.test(commit)) return 'GITHUB_SHA is no commit'
  if (ref === undefined || !/^refs\/(?:heads|tags|pull)\/./.test(ref)) return 'GITHUB_REF is no branch, tag or pull request'
  return { api, repository, token, commit, ref }
}

function mayHaveToken(api: string): boolean {
  const url = URL.parse(api)
  if (url === null || url.username !== '' || url.password !== '' || /[?#]/.test(api)) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host))
}

/** Why the token of this run cannot write analyses, or why they would be filed under the wrong commit; undefined when neither is so. */
export function reasonNotTo(environment: Environment, payload: unknown): string | undefined {
  if (environment['GITHUB_ACTOR'] === 'dependabot[bot]') return 'a run for Dependabot has a token that only reads'
  const name = environment['GITHUB_EVENT_NAME'] ?? ''
  if (name === 'pull_request_target') return 'a run of pull_request_target belongs to the base branch, not to what was scanned'
  const { pull_request: request } = v.is(event, payload) ? payload : {}
  if (!name.startsWith('pull_request') || request === undefined) return undefined
  const isOwn = request.head.repo != null && request.head.repo.full_name === request.base.repo?.full_name
  return isOwn ? undefined : 'a pull request of a fork has a token that only reads'
}
