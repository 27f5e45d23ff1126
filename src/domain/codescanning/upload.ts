import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { TaskError } from '../../base/errors.ts'
import { excerpt } from '../../base/untrusted.ts'
import type { Clock, Http, HttpResponse } from '../../spec/ports.ts'
import { saidIn } from '../forge/client.ts'
import { githubHeaders } from '../forge/github-client.ts'
import type { AnalysisTarget } from './github-run.ts'
import { accepted, progressed } from './schema.ts'

/** How an upload ended. `pending`: taken, and not worked through before the time was up. */
export type Uploaded =
  | { readonly status: 'complete' | 'pending'; readonly id: string }
  | { readonly status: 'failed' | 'refused'; readonly why: string }

interface Ports {
  readonly http: Http
  readonly clock: Clock
}

export interface Analysis {
  readonly target: AnalysisTarget
  /** SARIF, compressed by gzip: at most 10 MB. */
  readonly compressed: Buffer
  /** Absolute: the checkout that paths are relative to. */
  readonly workspace: string
}

/** Milliseconds that the server may take, and between two questions. */
const patience = 120_000
const [firstPause, longestPause] = [1000, 10_000]

/** Statuses that are GitHub's word about the upload rather than trouble on the way. */
const answers = [202, 400, 401, 403, 404, 413, 422]

/** Uploads an analysis and waits until it is worked through, at most two minutes. @throws SW-HTTP-* when the server cannot be asked */
export async function uploadSarif({ target, compressed, workspace }: Analysis, { http, clock }: Ports): Promise<Uploaded> {
  const url = `${target.api}/repos/${target.repository}/code-scanning/sarifs`
  const headers = githubHeaders(target.token)
  const body = JSON.stringify({
    ...{ commit_sha: target.commit, ref: target.ref, sarif: compressed.toString('base64') },
    ...{ checkout_uri: pathToFileURL(workspace).href, tool_name: 'slipway scan' },
  })
  const json = { ...headers, 'content-type': 'application/json' }
  // The same analysis twice is the same analysis: the later one stands in place of the earlier one.
  const answer = await http.request({ method: 'POST', url, headers: json, body, expect: answers, idempotent: true, redirect: 'manual' })
  if (answer.status !== 202) return { status: 'refused', why: await whyOf(answer) }
  const { id } = v.parse(accepted, await answer.json())
  return processed(
    id,
    async (deadline) => http.request({ method: 'GET', url: `${url}/${id}`, headers, expect: [200, 404], redirect: 'manual', deadline }),
    clock,
  )
}

async function processed(id: string, ask: (deadline: number) => Promise<HttpResponse>, clock: Clock): Promise<Uploaded> {
  const end = clock.now() + patience
  for (let pause = firstPause; clock.now() < end; pause = Math.min(pause * 2, longestPause)) {
    await clock.sleep(pause)
    const answer = await ask(Math.max(firstPause, end - clock.now())).catch(orNothing)
    // What was taken stays so, whoever can be asked about it.
    if (answer === undefined) return { status: 'pending', id }
    // Not known yet: GitHub says so for a moment.
    if (answer.status === 404) {
      await answer.discard()
      continue
    }
    const { processing_status: status, errors } = v.parse(progressed, await answer.json())
    if (status === 'complete') return { status, id }
    if (status === 'failed') return { status, why: excerpt((errors ?? []).join('; ') || 'no reason is given', 500) }
  }
  return { status: 'pending', id }
}

function orNothing(error: unknown): undefined {
  if (!(error instanceof TaskError) || !error.retryable) throw error
}

async function whyOf(answer: HttpResponse): Promise<string> {
  return `${answer.status}: ${saidIn(await answer.text(64 * 1024))}`
}
