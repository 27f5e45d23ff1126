import { type IncomingMessage, type Listening, listen, type ServerResponse } from '../../src/io/server.ts'

/** A record as far as the service looks at it; the version is matched by its letters in `versions`, or any where there are none. */
export interface FakeRecord {
  readonly id: string
  readonly modified: string
  readonly affected: readonly {
    readonly package: { readonly ecosystem: string; readonly name: string }
    readonly versions?: readonly string[]
  }[]
}

export interface FakeOsv extends Listening {
  /** `POST /v1/querybatch` and the like, in their order. */
  readonly asked: string[]
  /** Bodies of the batches. */
  readonly batches: { readonly queries: readonly Query[] }[]
  /** What the next requests are answered with in place of the truth. */
  readonly faults: ((request: IncomingMessage, response: ServerResponse) => void)[]
}

interface Query {
  readonly package: { readonly ecosystem: string; readonly name: string }
  readonly version?: string
  readonly page_token?: string
}

/**
 * A service with the API of OSV (google.github.io/osv.dev/post-v1-querybatch): a batch of more than 1,000 is refused, an answer of more than a
 * page has a token for the next, and archives with an ETag lie beside it.
 */
export async function fakeOsv(
  records: readonly FakeRecord[],
  { page = 2, archives = {} }: { readonly page?: number; readonly archives?: Readonly<Record<string, Buffer>> } = {},
): Promise<FakeOsv> {
  const [asked, batches, faults]: [string[], FakeOsv['batches'], FakeOsv['faults']] = [[], [], []]
  const server = await listen(async (request, response) => {
    const url = decodeURIComponent(request.url ?? '')
    asked.push(`${request.method} ${url}`)
    let body = ''
    for await (const piece of request) body += String(piece)
    const fault = faults.shift()
    if (fault !== undefined) fault(request, response)
    else if (url === '/v1/querybatch') answerBatch(body, response)
    else if (url.startsWith('/v1/vulns/'))
      json(
        response,
        records.find(({ id }) => url === `/v1/vulns/${id}`),
      )
    else answerArchive(request, response, archives[/^\/mirror\/([^/]+)\/all\.zip$/.exec(url)?.[1] ?? ''])
  })
  return { ...server, asked, batches, faults }

  function answerBatch(body: string, response: ServerResponse): void {
    const batch = JSON.parse(body) as FakeOsv['batches'][number]
    batches.push(batch)
    if (batch.queries.length > 1000) response.writeHead(400).end('{"code":3,"message":"Too many queries."}')
    else json(response, { results: batch.queries.map(answer) })
  }

  function answer({ package: about, version, page_token: token }: Query): object {
    const found = records.filter(({ affected }) =>
      affected.some(
        ({ package: one, versions }) =>
          one.name === about.name &&
          (one.ecosystem === about.ecosystem || one.ecosystem.startsWith(`${about.ecosystem}:`)) &&
          (version === undefined || versions === undefined || versions.includes(version)),
      ),
    )
    const start = Number(token ?? 0)
    const vulns = found.slice(start, start + page).map(({ id, modified }) => ({ id, modified }))
    if (vulns.length === 0) return {}
    return { vulns, ...(found.length > start + page ? { next_page_token: String(start + page) } : {}) }
  }
}

function json(response: ServerResponse, value: unknown): void {
  if (value === undefined) response.writeHead(404).end('{"code":5,"message":"Bug not found."}')
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function answerArchive(request: IncomingMessage, response: ServerResponse, archive: Buffer | undefined): void {
  const etag = `"${archive?.length}"`
  if (archive === undefined) response.writeHead(404).end()
  else if (request.headers['if-none-match'] === etag) response.writeHead(304).end()
  else response.writeHead(200, { etag, 'last-modified': 'Sat, 21 Nov 2026 12:00:00 GMT', 'content-length': archive.length }).end(archive)
}
