import type { Clock, Http } from '../../spec/ports.ts'

/** What pull requests are on GitHub and Gitea, and merge requests on GitLab. */
export interface PullRequest {
  readonly number: number
  /** Its page. */
  readonly url: string
  readonly title: string
  readonly body: string
  /** What GraphQL knows it by, on GitHub. */
  readonly id?: string | undefined
}

/** A pull request before it is one. */
export interface Draft {
  /** Branch with the commits, in the same repository. */
  readonly head: string
  /** Branch that they are for. */
  readonly base: string
  readonly title: string
  /** Markdown. */
  readonly body: string
}

export type MergeMethod = 'merge' | 'squash' | 'rebase'

export interface Merging {
  /** Must be the head of the pull request. */
  readonly commit: string
  readonly method: MergeMethod
  /** Of the one commit that a squash makes: what later runs look for is in its last lines. */
  readonly message: string
}

/** Files for a commit that the forge makes itself, on top of a commit that the branch must still be at. */
export interface ApiCommit {
  readonly branch: string
  /** The commit that the files were read of. */
  readonly parent: string
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  /** `hash` and `mode` are of the file before, as git has them. */
  readonly files: readonly { readonly path: string; readonly text: string; readonly hash: string; readonly mode: string }[]
}

/** One repository at its forge. @throws SW-FORGE-… and the errors of HTTP */
export interface Forge {
  /** The open pull request from one branch to another. */
  find(branches: Pick<Draft, 'head' | 'base'>): Promise<PullRequest | undefined>
  /** Undefined where there is one already. */
  open(draft: Draft): Promise<PullRequest | undefined>
  rewrite(request: PullRequest, texts: Pick<Draft, 'title' | 'body'>): Promise<void>
  /** Closes it with a comment that says why. */
  close(request: PullRequest, why: string): Promise<void>
  /** Adds labels; those that it has stay. */
  label(request: PullRequest, labels: readonly string[]): Promise<void>
  /** Asks people by their user names, and teams as `organisation/team`, for a review. */
  askReview(request: PullRequest, reviewers: readonly string[]): Promise<void>
  /** Lets the forge merge it when its checks and reviews allow it: at once where nothing is awaited. */
  mergeWhenReady(request: PullRequest, how: Merging): Promise<'merged' | 'waiting'>
  /** Makes a commit; undefined when another writer was faster. */
  commit(commit: ApiCommit): Promise<string | undefined>
}

export interface ForgePorts {
  readonly http: Http
  readonly clock: Clock
}
