import * as v from 'valibot'
import { inParallel } from '../../oci/parallel.ts'
import { serviceRefused } from '../errors.ts'
import { jsonOf, type Service, send } from './ask-service.ts'
import type { Question } from './questions.ts'
import { batchAnswer } from './schema.ts'

const batch = { most: 1000, atOnce: 3, pages: 200 } as const

/** A question, and where the page of its answer begins. */
export interface Asked {
  readonly question: Question
  readonly isProbe: boolean
  /** Where the next page of the answer begins. */
  readonly page?: string
}

/** An advisory that a service names. */
export interface Found {
  readonly id: string
  readonly modified: string
}

/** Asks all questions in batches, each until its answer has no further page. @throws SW-ADVISORIES-SERVICE, SW-HTTP-… */
export async function askAll(
  first: readonly Asked[],
  { service, tell }: { readonly service: Service; tell(asked: Asked, found: Found): void },
): Promise<void> {
  let waiting = first
  for (let page = 0; waiting.length > 0; page += 1) {
    if (page === batch.pages) throw serviceRefused(`${service.base} has more than ${batch.pages} pages of an answer.`)
    service.ports.progress.doing('asking for advisories', {
      done: first.length - Math.min(first.length, waiting.length),
      total: first.length,
      unit: 'items',
    })
    const next: Asked[] = []
    await inParallel(batchesOf(waiting), batch.atOnce, async (each) => {
      const results = await askBatch(each, service)
      for (const [at, asked] of each.entries()) {
        const { vulns, next_page_token: token } = results[at] ?? {}
        for (const found of vulns ?? []) tell(asked, found)
        // Of a probe one page is enough.
        if (token === undefined || token === null || token === '' || asked.isProbe) continue
        if (token === asked.page) throw serviceRefused(`${service.base} answers with the same page again and again.`)
        next.push({ ...asked, page: token })
      }
    })
    waiting = next
  }
}

function batchesOf(asked: readonly Asked[]): readonly (readonly Asked[])[] {
  return Array.from({ length: Math.ceil(asked.length / batch.most) }, (_, at) => asked.slice(at * batch.most, (at + 1) * batch.most))
}

async function askBatch(each: readonly Asked[], service: Service): Promise<v.InferOutput<typeof batchAnswer>['results']> {
  const queries = each.map(({ question, page }) => ({ ...question, ...(page === undefined ? {} : { page_token: page }) }))
  const url = `${service.base}/v1/querybatch`
  const body = await send(
    { method: 'POST', url, idempotent: true, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ queries }) },
    service,
  )
  const parsed = v.safeParse(batchAnswer, jsonOf(body, url), { abortEarly: true })
  if (!parsed.success) throw serviceRefused(`${url} answers with something else than results: ${parsed.issues[0].message}.`)
  const { results } = parsed.output
  if (results.length !== each.length) throw serviceRefused(`${url} answers ${results.length} of ${each.length} queries.`)
  return results
}
