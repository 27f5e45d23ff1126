import { gunzipSync } from 'node:zlib'
import type { CloudAnswer, CloudRequest, CloudService } from './cloud.ts'

/** An upload as the server got it. */
export interface Upload {
  readonly repository: string
  readonly commit: string
  readonly ref: string
  readonly checkout: string
  /** The text, unpacked. */
  readonly sarif: string
}

export interface FakeCodeScanning {
  readonly service: CloudService
  readonly uploads: readonly Upload[]
  /** Says no in GitHub's words. */
  refuses: { readonly status: number; readonly message: string } | undefined
  /** What it says of an upload, one answer after the other, the last one for ever; a number is a status. */
  says: readonly (number | { readonly processing_status: string; readonly errors?: readonly string[] })[]
}

/** Code scanning of GitHub behind an API's address; it takes what a token may write (docs.github.com/rest/code-scanning). */
export function fakeCodeScanning(api: string, token: string): FakeCodeScanning {
  const uploads: Upload[] = []
  let asked = 0
  const fake: FakeCodeScanning = { service, uploads, refuses: undefined, says: [{ processing_status: 'complete' }] }
  return fake

  function service({ method, url, headers, body }: CloudRequest): CloudAnswer | undefined {
    const path = url.href.startsWith(`${api}/`) ? url.href.slice(api.length) : undefined
    if (path === undefined) return undefined
    const [, repository, id] = /^\/repos\/([^/]+\/[^/]+)\/code-scanning\/sarifs(?:\/([\w-]+))?$/.exec(path) ?? []
    if (repository === undefined) return { status: 404, body: { message: 'Not Found' } }
    if (headers['authorization'] !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } }
    if (fake.refuses !== undefined) return { status: fake.refuses.status, body: { message: fake.refuses.message } }
    return method === 'POST' && id === undefined ? taken(repository, body) : said()
  }

  function taken(repository: string, body: string): CloudAnswer {
    const { commit_sha: commit, ref, sarif, checkout_uri: checkout } = JSON.parse(body) as Record<string, string>
    if (commit === undefined || ref === undefined || sarif === undefined || checkout === undefined)
      return { status: 422, body: { message: 'Invalid request.' } }
    uploads.push({ repository, commit, ref, checkout, sarif: gunzipSync(Buffer.from(sarif, 'base64')).toString() })
    return { status: 202, body: { id: '47177e22-5596-11eb-80a1-c1e54ef945c6', url: `${api}/sarifs/47177e22` } }
  }

  function said(): CloudAnswer {
    const one = fake.says[Math.min(asked, fake.says.length - 1)] ?? 404
    asked += 1
    return typeof one === 'number' ? { status: one, body: { message: 'Not Found' } } : { status: 200, body: one }
  }
}
