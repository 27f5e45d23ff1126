import * as v from 'valibot'

const number = v.pipe(v.number(), v.integer(), v.minValue(1))
const text = v.pipe(v.string(), v.maxLength(1_000_000))
const page = v.pipe(v.string(), v.maxLength(2000), v.regex(/^https?:\/\/[^\s\p{Cc}]+$/u))
const hash = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))

/** A pull request of GitHub and Gitea. */
export const pull = v.object({
  ...{ number, html_url: page, title: text, body: v.nullish(text, ''), state: text },
  ...{ node_id: v.optional(text) },
  ...{ head: v.object({ ref: text, repo: v.nullish(v.object({ full_name: text })) }), base: v.object({ ref: text }) },
})
export const pulls = v.array(pull)

/** Whether a pull request is from one branch of a repository to another: a fork may have a branch of the same name. */
export function isBetween(
  { head, base }: v.InferOutput<typeof pull>,
  project: string,
  branches: { readonly head: string; readonly base: string },
): boolean {
  const isHere = head.repo?.full_name.toLowerCase() === project.toLowerCase()
  return isHere && head.ref === branches.head && base.ref === branches.base
}

/** A merge request of GitLab. */
export const mergeRequest = v.object({
  ...{ iid: number, web_url: page, title: text, description: v.nullish(text, ''), state: text },
  ...{ labels: v.optional(v.array(text), []), source_project_id: v.nullish(v.number()), target_project_id: v.nullish(v.number()) },
})
export const mergeRequests = v.array(mergeRequest)

export const gitlabUsers = v.array(v.object({ id: number, username: text }))
export const gitlabCommit = v.object({ id: hash })

export const giteaCommit = v.object({ commit: v.object({ sha: hash }) })

/** Answers of GitHub's GraphQL. */
export const madeCommit = v.object({ createCommitOnBranch: v.object({ commit: v.object({ oid: hash }) }) })
export const armed = v.object({ enablePullRequestAutoMerge: v.object({ pullRequest: v.object({ number }) }) })
