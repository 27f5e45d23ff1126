/** Distribution-spec 1.1, category push: what is so however a blob is pushed. */
import { describe, expect } from '@jest/globals'
import { digestOf, locationOf, newRepository, octets, pushBlob, requirement, send, withParameter } from './target.ts'

const repository = newRepository()
const begin = (query = '', body?: string): Promise<Response> =>
  send('POST', `/v2/${repository}/blobs/uploads/${query}`, body === undefined ? {} : { body, headers: octets })
const chunk = (place: URL, body: string, range?: string): Promise<Response> =>
  send('PATCH', place, { body, headers: { ...octets, ...(range === undefined ? {} : { 'content-range': range }) } })

describe('end-4b, end-5, end-6, end-11: what every way of pushing a blob has', () => {
  const ways = {
    'POST and PUT': async (bytes: string, digest: string) =>
      send('PUT', withParameter(locationOf(await begin()), 'digest', digest), { body: bytes, headers: octets }),
    'one POST': async (bytes: string, digest: string) => {
      const response = await begin(`?digest=${digest}`, bytes)
      if (response.status !== 202) return response
      return send('PUT', withParameter(locationOf(response), 'digest', digest), { body: bytes, headers: octets })
    },
    'a stream': async (bytes: string, digest: string) => {
      const streamed = await chunk(locationOf(await begin()), bytes)
      return send('PUT', withParameter(locationOf(streamed), 'digest', digest), { headers: octets })
    },
    chunks: async (bytes: string, digest: string) => {
      const first = await chunk(locationOf(await begin()), bytes.slice(0, 4), '0-3')
      const second = await chunk(locationOf(first), bytes.slice(4), `4-${bytes.length - 1}`)
      return send('PUT', withParameter(locationOf(second), 'digest', digest), { headers: octets })
    },
    'chunks, the last by PUT': async (bytes: string, digest: string) => {
      const first = await chunk(locationOf(await begin()), bytes.slice(0, 4), '0-3')
      const range = { 'content-range': `4-${bytes.length - 1}` }
      return send('PUT', withParameter(locationOf(first), 'digest', digest), { body: bytes.slice(4), headers: { ...octets, ...range } })
    },
    'a mount': async (bytes: string, digest: string) => {
      const source = newRepository()
      await pushBlob(source, bytes, digest.startsWith('sha512') ? 'sha512' : 'sha256')
      return begin(`?mount=${digest}&from=${source}`)
    },
  }

  for (const [way, push] of Object.entries(ways)) {
    for (const algorithm of ['sha256', 'sha512']) {
      requirement(`end-6 a blob pushed by ${way} has its ${algorithm} digest in the answer, and is pulled by it`, async () => {
        const bytes = `by ${way} as ${algorithm}`
        const digest = digestOf(bytes, algorithm)
        const response = await push(bytes, digest)
        expect([response.status, response.headers.get('docker-content-digest')]).toEqual([201, digest])
        expect(await (await send('GET', locationOf(response))).text()).toBe(bytes)
        expect(await (await send('GET', `/v2/${repository}/blobs/${digest}`)).text()).toBe(bytes)
      })
    }
    if (way === 'a mount') continue
    requirement(`end-6 a blob pushed by ${way} with a digest that the bytes do not have is 400, and is not there`, async () => {
      const digest = digestOf(`something else by ${way}`)
      expect((await push(`these by ${way}`, digest)).status).toBe(400)
      expect((await send('HEAD', `/v2/${repository}/blobs/${digest}`)).status).toBe(404)
    })
  }
})

describe('end-5, end-6: the order of chunks', () => {
  requirement('end-6 PUT of a last chunk out of order is 416, and the upload goes on', async () => {
    const first = await chunk(locationOf(await begin()), 'abc', '0-2')
    const place = withParameter(locationOf(first), 'digest', digestOf('abcdef'))
    const last = (body: string, range: string): Promise<Response> =>
      send('PUT', place, { body, headers: { ...octets, 'content-range': range } })
    expect((await last('f', '5-5')).status).toBe(416)
    expect((await last('def', '3-5')).status).toBe(201)
  })

  requirement('end-5 PATCH with a content-range that is no range is 416', async () =>
    expect((await chunk(locationOf(await begin()), 'abc', 'from here')).status).toBe(416),
  )
})
