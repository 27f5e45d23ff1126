import * as v from 'valibot'
import type { Http } from '../../spec/ports.ts'
import { connectForge, type ForgeClient } from './client.ts'
import { forgeDenied, forgeLimited, forgeRefused } from './errors.ts'

/** A question in GraphQL. */
export interface GraphqlCall<S extends v.GenericSchema> {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  /** For messages, after "does not". */
  readonly doing: string
  /** Of `data`. */
  readonly schema: S
  /** Kinds of error that the caller understands. */
  readonly expect?: (error: GraphqlError) => boolean
  readonly idempotent?: boolean
}

export interface GraphqlError {
  readonly type?: string | undefined
  readonly message: string
}

/** GitHub's REST API, version 2022-11-28, and its GraphQL. */
export interface GithubClient extends ForgeClient {
  /** What was asked for, or the error that the caller expected. */
  graphql<S extends v.GenericSchema>(call: GraphqlCall<S>): Promise<{ readonly data: v.InferOutput<S> } | { readonly error: GraphqlError }>
}

const answered = v.object({
  data: v.nullish(v.unknown()),
  errors: v.optional(v.array(v.object({ type: v.optional(v.string()), message: v.string() }))),
})

/** Headers of a request to GitHub's REST API. */
export function githubHeaders(token: string): Readonly<Record<string, string>> {
  return { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' }
}

/** `https://api.github.com`, or `https://HOST/api/v3` of a server of one's own. */
export function connectGithub({ api, token }: { readonly api: string; readonly token: string }, http: Http): GithubClient {
  const client = connectForge({ name: 'GitHub', api, headers: githubHeaders(token) }, http)
  // A server of one's own has /api/v3 and /api/graphql beside each other.
  const beside = connectForge({ name: 'GitHub', api: api.replace(/\/v3$/, ''), headers: githubHeaders(token) }, http)
  return {
    ...client,
    async graphql({ query, variables, doing, schema, expect, idempotent = false }) {
      const answer = await beside.send({ method: 'POST', path: '/graphql', body: { query, variables }, doing, idempotent })
      const { data, errors: [error] = [] } = beside.parse(answer, answered)
      // It answers 200 whatever it thinks of the question.
      if (error === undefined) return { data: beside.parse({ ...answer, text: JSON.stringify(data ?? null) }, schema) }
      if (expect?.(error) === true) return { error }
      throw refused(error, `GitHub at ${api} does not ${doing}: ${error.type ?? 'error'}, ${error.message.slice(0, 400)}.`)
    },
  }
}

function refused({ type = '', message }: GraphqlError, text: string): Error {
  if (type === 'RATE_LIMITED') return forgeLimited(text, { retryable: true })
  const isDenied = type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES' || /not accessible by|permission/i.test(message)
  return isDenied ? forgeDenied(text) : forgeRefused(text)
}
