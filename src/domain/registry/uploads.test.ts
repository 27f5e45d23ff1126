import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { codeOf, servedRegistry } from '../../../test/fakes/served-registry.ts'
import { sha256 } from '../../base/digest.ts'

const registry = servedRegistry()
const { send, push } = registry

describe('a blob', () => {
  it('is pushed by POST and PUT, and pulled', async () => {
    const begun = await send('POST', '/v2/team/app/blobs/uploads/')
    expect(begun.status).toBe(202)
    const location = begun.headers.get('location') ?? ''
    const done = await send('PUT', `${location}?digest=${sha256('hello')}`, { body: 'hello' })
    expect([done.status, done.headers.get('location')]).toEqual([201, `/v2/team/app/blobs/${sha256('hello')}`])

    const got = await send('GET', `/v2/team/app/blobs/${sha256('hello')}`)
    expect([got.status, await got.text(), got.headers.get('docker-content-digest')]).toEqual([200, 'hello', sha256('hello')])
    const head = await send('HEAD', `/v2/team/app/blobs/${sha256('hello')}`)
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
    expect((await send('GET', location)).status).toBe(404)
  })

  it('is pushed in chunks, in order only', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    const first = await send('PATCH', location, { body: 'hel', headers: { 'content-range': '0-2' } })
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-2'])
    expect((await send('PATCH', location, { body: 'x', headers: { 'content-range': '7-7' } })).status).toBe(416)
    expect((await send('PATCH', location, { body: 'l', headers: { 'content-range': '3-5' } })).status).toBe(400)
    const state = await send('GET', location)
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-2'])
    expect((await send('PATCH', location, { body: 'lo' })).status).toBe(202)
    expect((await send('PUT', `${location}?digest=${sha256('hello world')}`, { body: ' world' })).status).toBe(201)
    expect(await (await send('GET', `/v2/a/blobs/${sha256('hello world')}`)).text()).toBe('hello world')
  })

  it.each([
    ['PATCH', 'begins too late', '5-9', 'world'],
    ['PATCH', 'begins too early', '0-4', 'hello'],
    ['PATCH', 'ends before it begins', '3-1', 'x'],
    ['PATCH', 'is no range', 'three to five', 'lo '],
    ['PATCH', 'has no end', '3-', 'lo '],
    ['PUT', 'begins too late', '5-9', 'world'],
    ['PUT', 'is no range', '*', 'lo '],
  ])('refuses a %s whose content-range %s by 416 and goes on (§Pushing a blob in chunks)', async (method, _, range, body) => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    await send('PATCH', location, { body: 'hel', headers: { 'content-range': '0-2' } })
    const place = method === 'PUT' ? `${location}?digest=${sha256('hello')}` : location
    const refused = await send(method, place, { body, headers: { 'content-range': range } })
    expect([refused.status, await codeOf(refused), refused.headers.get('range')]).toEqual([416, 'BLOB_UPLOAD_INVALID', '0-2'])
    const last = await send('PUT', `${location}?digest=${sha256('hello')}`, { body: 'lo', headers: { 'content-range': '3-4' } })
    expect(last.status).toBe(201)
  })

  it('refuses a PUT to a new upload whose content-range does not begin at 0 by 416', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    const place = `${location}?digest=${sha256('hello')}`
    expect((await send('PUT', place, { body: 'hello', headers: { 'content-range': '5-9' } })).status).toBe(416)
    expect((await send('PUT', place, { body: 'hello', headers: { 'content-range': '0-4' } })).status).toBe(201)
  })

  it.each([
    ['hel', '3-2'],
    ['', '0-0'],
  ])('of %j is ended by an empty PUT whose content-range is %s', async (body, range) => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    if (body !== '') await send('PATCH', location, { body, headers: { 'content-range': '0-2' } })
    const ended = await send('PUT', `${location}?digest=${sha256(body)}`, { body: '', headers: { 'content-range': range } })
    expect(ended.status).toBe(201)
  })

  it('with a sha512 digest is one as well', async () => {
    const digest = `sha512:${createHash('sha512').update('hello').digest('hex')}`
    expect((await send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, { body: 'hello' })).status).toBe(201)
    expect(await (await send('GET', `/v2/a/blobs/${digest}`)).text()).toBe('hello')
  })

  it('with other bytes than its digest is refused and leaves nothing', async () => {
    const response = await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('hello')}`, { body: 'hellO' })
    expect([response.status, await codeOf(response)]).toEqual([400, 'DIGEST_INVALID'])
    expect((await send('HEAD', `/v2/a/blobs/${sha256('hello')}`)).status).toBe(404)
  })

  it('is mounted from a repository that has it, and only from one', async () => {
    const { digest } = await push('base', 'shared')
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}&from=other`)).status).toBe(202)
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}`)).status).toBe(202)
    expect((await send('HEAD', `/v2/app/blobs/${digest}`)).status).toBe(404)
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}&from=base`)).status).toBe(201)
    expect((await send('HEAD', `/v2/app/blobs/${digest}`)).status).toBe(200)
  })

  it('is deleted from one repository and stays in the others', async () => {
    const { digest } = await push('a', 'x')
    await push('b', 'x')
    expect((await send('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202)
    expect((await send('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(404)
    expect((await send('GET', `/v2/a/blobs/${digest}`)).status).toBe(404)
    expect((await send('GET', `/v2/b/blobs/${digest}`)).status).toBe(200)
  })

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['lines=1-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
  ])('gives the range %s', async (range, status, text, content) => {
    const { digest } = await push('a', '0123456789')
    const response = await send('GET', `/v2/a/blobs/${digest}`, { headers: { range } })
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([status, text, content])
  })

  it('has no range beyond its end', async () => {
    const { digest } = await push('a', '0123')
    expect((await send('GET', `/v2/a/blobs/${digest}`, { headers: { range: 'bytes=4-' } })).status).toBe(416)
  })

  it('may be empty', async () => {
    const { digest } = await push('a', '')
    const response = await send('GET', `/v2/a/blobs/${digest}`)
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', ''])
  })
})

describe('an upload', () => {
  it('belongs to its repository', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    expect((await send('GET', location.replace('/v2/a/', '/v2/b/'))).status).toBe(404)
  })

  it('can be given up', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    expect((await send('DELETE', location)).status).toBe(204)
    expect((await send('PATCH', location, { body: 'x' })).status).toBe(404)
  })

  it('whose connection is cut takes the body again', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    await new Promise<void>((resolve) => {
      const socket = connect(registry.port(), '127.0.0.1', () => {
        socket.write(`PUT ${location}?digest=${sha256('hello')} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe`, () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    expect((await send('PUT', `${location}?digest=${sha256('hello')}`, { body: 'hello' })).status).toBe(201)
  })

  it('that a former run left is dropped when the registry starts', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    await registry.restart()
    expect((await send('GET', location)).status).toBe(404)
  })

  it.each(['x', '..%2f..%2fcontent', '00000000-0000-0000-0000-000000000000'])('that does not exist, %s, is 404', async (id) => {
    expect((await send('GET', `/v2/a/blobs/uploads/${id}`)).status).toBe(404)
  })
})
