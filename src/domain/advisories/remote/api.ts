import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import { httpTooLarge } from '../../../io/errors.ts'
import type { HttpRequest } from '../../../spec/ports.ts'
import { inParallel } from '../../oci/parallel.ts'
import { largestRecord } from '../archive.ts'
import { Collector } from '../collect.ts'
import type { Answers } from '../database.ts'
import type { Coordinates } from '../ecosystem.ts'
import { familyOf } from '../ecosystem.ts'
import { advisoryInvalid, serviceRefused } from '../errors.ts'
import { type KeptRecords, keptRecords } from './kept-records.ts'
import type { RemotePorts } from './ports.ts'
import { type Question, questionsOf } from './questions.ts'
import { batchAnswer, recordHead } from './schema.ts'

const batch = { most: 1000, atOnce: 3, bytes: 32 * 2 ** 20, pages: 200 } as const
const fetching = { atOnce: 6, most: 100_000 } as const
/** Milliseconds for one request with all its attempts. */
const patience = 120_000

/**
 * Asks a service with the API of OSV (google.github.io/osv.dev/api) which advisories are about the packages, and fetches those that are not
 * kept already. Names and versions of packages are sent to this origin, and to no other. @throws SW-ADVISORIES-SERVICE, SW-HTTP-…
 */
export async function askService(base: string, asked: readonly Coordinates[], ports: RemotePorts): Promise<Answers> {
  const service: Service = { base: base.replace(/\/+$/, ''), ports }
  const { ofPackages, ofEcosystems } = questionsOf(asked)
  const time = new Date(ports.clock.now()).toISOString()
  const [known, found] = [new Set<string>(), new Map<string, string>()]
  await askAll(
    [...ofEcosystems.map((question) => ({ question, isProbe: true })), ...ofPackages.map((question) => ({ question, isProbe: false }))],
    {
      service,
      tell: ({ question, isProbe }, { id, modified }) => {
        known.add(question.package.ecosystem)
        if (!isProbe && modified > (found.get(id) ?? '')) found.set(id, modified)
      },
    },
  )
  if (found.size > fetching.most) throw serviceRefused(`${service.base} names ${found.size} advisories, expected at most ${fetching.most}.`)
  const collector = new Collector(asked)
  await fetchAll(found, service, collector)
  const families = new Set(asked.map(({ ecosystem }) => ecosystem))
  const covered = [...known].map(familyOf).filter((family) => families.has(family))
  return {
    ...{ advisories: collector.advisories(), ecosystems: new Set([...collector.ecosystems, ...known]), records: collector.records },
    dates: [...new Set(covered)].map((what) => ({ what, date: time, silence: 0 })),
    modified: time,
    digest: `sha256:${digestOf(found)}`,
  }
}

interface Service {
  readonly base: string
  readonly ports: RemotePorts
}

interface Asked {
  readonly question: Question
  readonly isProbe: boolean
  /** Where the next page of the answer begins. */
  readonly page?: string
}

interface Found {
  readonly id: string
  readonly modified: string
}

async function askAll(
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
        if (token !== undefined && token !== null && token !== '' && !asked.isProbe) next.push({ ...asked, page: token })
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
  const parsed = v.safeParse(batchAnswer, jsonOf(body, url))
  if (!parsed.success) throw serviceRefused(`${url} answers with something else than results: ${parsed.issues[0].message}.`)
  const { results } = parsed.output
  if (results.length !== each.length) throw serviceRefused(`${url} answers ${results.length} of ${each.length} queries.`)
  return results
}

async function fetchAll(found: ReadonlyMap<string, string>, service: Service, collector: Collector): Promise<void> {
  const kept = await keptRecords(service.base, service.ports)
  const { progress } = service.ports
  let done = 0
  const records = new Map<string, Buffer>()
  await inParallel([...found], fetching.atOnce, async ([id, modified]) => {
    records.set(id, kept.find(id, modified) ?? (await fetchOne(id, service, kept)))
    progress.doing('fetching advisories', { done: ++done, total: found.size, unit: 'items' })
  }).finally(() => kept.save())
  for (const [id, bytes] of records) collector.add(bytes, `${service.base}: ${id}`)
}

async function fetchOne(id: string, service: Service, kept: KeptRecords): Promise<Buffer> {
  const url = `${service.base}/v1/vulns/${encodeURIComponent(id)}`
  const bytes = await send({ method: 'GET', url }, service)
  const head = v.safeParse(recordHead, jsonOf(bytes, url))
  if (!head.success || head.output.id !== id) throw advisoryInvalid(`${url} is not the record ${JSON.stringify(id.slice(0, 100))}.`)
  kept.add(bytes)
  return bytes
}

/** No redirect is followed: what an image is made of is told to whom the user named, and to nobody else. */
async function send(request: HttpRequest, { base, ports }: Service): Promise<Buffer> {
  try {
    const response = await ports.http.request({
      ...request,
      redirect: 'manual',
      expect: [200, 301, 302, 303, 307, 308, 400, 404],
      deadline: patience,
    })
    const { status } = response
    if (status === 200) return await response.bytes(request.method === 'GET' ? largestRecord : batch.bytes)
    const said = await response.text(64 * 1024).catch(() => '')
    throw serviceRefused(`${request.method} ${request.url} answers ${status}: ${neutraliseLine(excerpt(said.trim(), 200))}`, {
      hint: 'database: https://api.osv.dev',
    })
  } catch (cause) {
    throw httpTooLarge.is(cause) ? serviceRefused(`${base} answers with more than is read: ${cause.message}`, { cause }) : cause
  }
}

function jsonOf(bytes: Buffer, url: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw serviceRefused(`${url} answers with something else than JSON: ${neutraliseLine(excerpt(bytes.toString('utf8').trim(), 200))}`, {
      cause,
    })
  }
}

/** Over the advisories that were named, with the time of their last change. */
function digestOf(found: ReadonlyMap<string, string>): string {
  const lines = [...found].map(([id, modified]) => `${id} ${modified}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}
