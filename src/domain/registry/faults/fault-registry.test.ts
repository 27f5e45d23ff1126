import { connect } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type ServedFaults, serveFaults } from '../../../../test/fakes/fault-registry.ts'
import { codeOf } from '../../../../test/fakes/served-registry.ts'
import { sha256 } from '../../../base/digest.ts'
import { faultNames, faultRule, phasesOfFault } from './known-faults.ts'
import { type Phase, phasesOf, type Rule } from './rule.ts'

const blobPath = (content: string): string => `/v2/app/blobs/${sha256(content)}`

describe('a status', () => {
  it('comes before anything happens, with the error body and headers of the rule', async () => {
    const rule: Rule = {
      name: 'busy',
      on: { request: 'upload-put' },
      times: 1,
      action: 'status',
      status: 429,
      code: 'TOOMANYREQUESTS',
      headers: { 'retry-after': '7' },
    }
    const { push, send, entries } = await serveFaults({ faults: [rule] })
    const response = await push('x')
    expect([response.status, response.headers.get('retry-after'), await codeOf(response)]).toEqual([429, '7', 'TOOMANYREQUESTS'])
    expect((await send('HEAD', blobPath('x'))).status).toBe(404)
    expect(entries.at(-2)).toMatchObject({ kind: 'upload-put', status: 429, rules: ['busy'] })
  })

  it('comes in the middle of the body, which then has no effect', async () => {
    const rule: Rule = { name: 'full', on: { method: 'PUT' }, phase: 'body', at: 3, action: 'status', status: 507 }
    const { push, send } = await serveFaults({ faults: [rule] })
    expect((await push('content')).status).toBe(507)
    expect((await send('HEAD', blobPath('content'))).status).toBe(404)
  })

  it('comes after the effect, which then has happened', async () => {
    const rule: Rule = { name: 'late', on: { request: 'manifest-put' }, phase: 'after', action: 'status', status: 502, body: '<html>' }
    const { put, send } = await serveFaults({ faults: [rule] })
    const response = await put('v1', 'x')
    expect([response.status, await response.text()]).toEqual([502, '<html>'])
    expect((await send('GET', '/v2/app/manifests/v1')).status).toBe(200)
  })
})

describe('a connection', () => {
  it.each<[Rule['action'] & ('reset' | 'cut'), Phase]>([
    ['reset', 'before'],
    ['cut', 'before'],
    ['reset', 'body'],
    ['cut', 'body'],
    ['reset', 'after'],
    ['cut', 'after'],
  ])('is %s in the phase %s, and the manifest is there only after it', async (action, phase) => {
    const { put, send, entries } = await serveFaults({ faults: [{ name: 'x', on: { method: 'PUT' }, phase, action }] })
    await expect(put('v1', 'x')).rejects.toThrow('fetch failed')
    expect(entries[0]).toMatchObject({ status: action, rules: ['x'], bytesOut: 0 })
    expect((await send('HEAD', '/v2/app/manifests/v1')).status).toBe(phase === 'after' ? 200 : 404)
  })

  it.each(['reset', 'cut'] as const)('is %s in the middle of the answer, whose first bytes arrive', async (action) => {
    const { push, port, entries } = await serveFaults({
      faults: [{ name: 'x', on: { request: 'blob-get' }, phase: 'answer', at: 4, action }],
    })
    await push('0123456789')
    const text = await raw(port, `GET ${blobPath('0123456789')} HTTP/1.1\r\nhost: x\r\n\r\n`)
    expect([text.includes('content-length: 10'), text.endsWith('\r\n\r\n0123')]).toEqual([true, true])
    expect(entries.at(-1)).toMatchObject({ status: action, bytesOut: 4 })
  })

  it('stalls until the client gives up', async () => {
    const { send, entries } = await serveFaults({ faults: [{ name: 'x', on: { request: 'tags' }, action: 'stall' }] })
    await expect(send('GET', '/v2/app/tags/list', { signal: AbortSignal.timeout(1000) })).rejects.toThrow('timeout')
    while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(entries).toMatchObject([{ status: 'stall' }])
  })
})

it.each(['', 'x'.repeat(10)])('a stall is told as one, though the client resets the connection, with the body "%s"', async (body) => {
  const { port, entries } = await serveFaults({ faults: [{ name: 'x', on: { method: 'PUT' }, action: 'stall' }] })
  const socket = connect(port, '127.0.0.1')
  socket.write(`PUT /v2/app/manifests/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  await new Promise((resolve) => setTimeout(resolve, 200))
  socket.resetAndDestroy()
  while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(entries).toMatchObject([{ status: 'stall' }])
})

describe('a stall while more is sent than anybody reads', () => {
  const huge = Buffer.alloc(24 * 2 ** 20)

  it.each(['before', 'body'] as const)('in the phase %s, is over when the client has gone', async (phase) => {
    const { send, entries } = await serveFaults({ faults: [{ name: 'x', on: { method: 'POST' }, phase, action: 'stall' }] })
    const leaving = send('POST', `/v2/app/blobs/uploads/?digest=${sha256(huge)}`, { body: huge, signal: AbortSignal.timeout(500) })
    await expect(leaving).rejects.toThrow('timeout')
    while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(entries).toMatchObject([{ status: 'stall' }])
  })

  it('takes nothing of it for as long as clients wait', async () => {
    const clock = {
      ...fakeClock(),
      sleep: (_: number, own?: AbortSignal) => new Promise<void>((end) => own?.addEventListener('abort', () => end())),
    }
    const { port } = await serveFaults({ clock, faults: [{ name: 'x', on: { method: 'PUT' }, action: 'stall' }] })
    const socket = connect(port, '127.0.0.1')
    socket.write(`PUT /v2/app/manifests/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: ${huge.length}\r\n\r\n`)
    socket.write(huge)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(socket.writableLength).toBeGreaterThan(0)
    socket.destroy()
  })
})

describe('time', () => {
  it('is waited for in any phase', async () => {
    const faults = phasesOf.delay.map(
      (phase): Rule => ({ name: phase, on: { request: 'manifest-put' }, phase, action: 'delay', delay: 1000 }),
    )
    const { put, clock, entries } = await serveFaults({ faults })
    expect((await put('v1', 'x')).status).toBe(201)
    expect([clock.slept, entries[0]?.milliseconds]).toEqual([[1000, 1000, 1000, 1000], 4000])
  })

  it('passes by the rate, a tenth of a second at a time', async () => {
    const { push, send, clock } = await serveFaults({ faults: [{ name: 'x', on: { request: 'blob-get' }, action: 'slow', rate: 20 }] })
    await push('0123456789')
    expect(await (await send('GET', blobPath('0123456789'))).text()).toBe('0123456789')
    expect(clock.slept).toEqual([100, 100, 100, 100, 100])
  })
})

describe('bytes', () => {
  it.each<[Rule['action'] & ('corrupt' | 'truncate' | 'extend'), string]>([
    ['corrupt', '0123446789'],
    ['truncate', '01234567'],
    ['extend', '0123456789\0\0'],
  ])('of an answer: %s', async (action, expected) => {
    const { push, send } = await serveFaults({ faults: [{ name: 'x', on: { request: 'blob-get' }, bytes: 2, action } as Rule] })
    await push('0123456789')
    const response = await send('GET', blobPath('0123456789'))
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      String(expected.length),
      expected,
    ])
  })

  it('of a request: a flipped bit is found by its digest', async () => {
    const { push } = await serveFaults({ faults: [{ name: 'x', on: { request: 'upload-put' }, phase: 'body', at: 0, action: 'corrupt' }] })
    const response = await push('content')
    expect([response.status, await codeOf(response)]).toEqual([400, 'DIGEST_INVALID'])
  })

  it('of an error stay as they are', async () => {
    const { send } = await serveFaults({ faults: [{ name: 'x', on: {}, action: 'corrupt' }] })
    expect(await codeOf(await send('GET', '/v2/app/tags/list'))).toBe('NAME_UNKNOWN')
  })
})

describe('how often', () => {
  it.each<[string, Partial<Rule>, readonly number[]]>([
    ['always', {}, [503, 503, 503, 503, 503, 503]],
    ['times', { times: 2 }, [503, 503, 404, 404, 404, 404]],
    ['skip', { skip: 4 }, [404, 404, 404, 404, 503, 503]],
    ['every', { every: 3 }, [404, 404, 503, 404, 404, 503]],
    ['all of them', { skip: 1, every: 2, times: 1 }, [404, 404, 503, 404, 404, 404]],
  ])('%s', async (_, occasion, expected) => {
    const { send } = await serveFaults({
      faults: [{ name: 'x', on: { request: 'tags' }, action: 'status', status: 503, ...occasion } as Rule],
    })
    const statuses: number[] = []
    for (let turn = 0; turn < 6; turn += 1) statuses.push((await send('GET', '/v2/app/tags/list')).status)
    expect(statuses).toEqual(expected)
  })

  it('for each path', async () => {
    const { send } = await serveFaults({
      faults: [{ name: 'x', on: { request: 'tags' }, per: 'path', times: 1, action: 'status', status: 503 }],
    })
    const paths = ['/v2/a/tags/list', '/v2/b/tags/list', '/v2/a/tags/list']
    const statuses: number[] = []
    for (const path of paths) statuses.push((await send('GET', path)).status)
    expect(statuses).toEqual([503, 503, 404])
  })
})

describe('the log', () => {
  it('has what was asked, what was answered and which rule acted, and no credential', async () => {
    const { send, entries } = await serveFaults({ credentials: { username: 'bob', password: 'hunter2' } })
    await send('GET', '/v2/app/tags/list?access_token=hunter2&n=1', { headers: { authorization: `Basic ${btoa('bob:hunter2')}` } })
    expect(entries).toMatchObject([
      {
        method: 'GET',
        path: '/v2/app/tags/list?access_token=…&n=1',
        kind: 'tags',
        status: 404,
        credentials: 'basic',
        rules: [],
        bytesIn: 0,
      },
    ])
    expect(JSON.stringify(entries)).not.toMatch(/hunter2|Ym9i/)
  })

  it('knows a client that went away', async () => {
    const { port, entries } = await serveFaults()
    const socket = connect(port, '127.0.0.1')
    socket.write('PUT /v2/app/manifests/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe')
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(entries).toMatchObject([{ status: 'gone', bytesIn: 2 }])
  })
})

describe('the known faults', () => {
  it('have a name each, and phases in which they can happen', () => {
    expect(new Set(faultNames).size).toBe(faultNames.length)
    expect(faultNames.filter((name) => phasesOfFault(name).length === 0)).toEqual([])
  })

  it.each(faultNames.filter((name) => !['stall', 'silently-dropped', 'stale'].includes(name)))('%s is seen by a client', async (name) => {
    const on = { request: ['blob-head', 'blob-get', 'manifest-get', 'upload-post'] } as const
    const [clean, faulty] = [await serveFaults(), await serveFaults({ faults: [faultRule(name, on)] })]
    expect(await seen(faulty)).not.toEqual(await seen(clean))
  })
})

/** What a client sees of a push and a pull. */
async function seen({ push, put, send, clock }: ServedFaults): Promise<unknown> {
  await push('content').catch(() => undefined)
  await put('v1', 'x')
  const asked = [`HEAD ${blobPath('content')}`, `GET ${blobPath('content')}`, 'GET /v2/app/manifests/v1', 'POST /v2/app/blobs/uploads/']
  const answers: unknown[] = []
  for (const [method = '', path = ''] of asked.map((line) => line.split(' '))) {
    const response = await send(method, path).catch(() => undefined)
    const body = await response?.text().catch(() => 'broken')
    const headers = ['docker-content-digest', 'warning'].map((name) => response?.headers.get(name))
    answers.push([response?.status, body, headers, response?.headers.has('location')])
  }
  return [answers, clock.slept.length]
}

/** All that comes until the connection ends. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => undefined).write(request)
  await new Promise((resolve) => socket.on('close', resolve))
  return text
}
