import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { testTransport } from './fixtures/transport.ts'
import { type Handler, type Listening, type ListenOptions, listen } from './server.ts'

const opened: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

async function setUp(handler: Handler, options: ListenOptions = {}): Promise<Listening> {
  const server = await listen(handler, options)
  opened.push(server.close)
  return server
}

const { http } = testTransport()
const get = (url: string) => http.request({ method: 'GET', url, expect: [200, 500] })

describe('a server', () => {
  it('answers on a free port of loopback, and says where', async () => {
    const server = await setUp(async (request, response) => void response.end(`hello ${request.url}`))
    expect(server.address).toBe(`127.0.0.1:${server.port}`)
    expect(server.url).toBe(`http://${server.address}`)
    expect(await (await get(`${server.url}/x`)).text()).toBe('hello /x')
  })

  it('writes an IPv6 address as URLs do', async () => {
    const server = await setUp(async (_, response) => void response.end('six'), { host: '::1' })
    expect(server.address).toBe(`[::1]:${server.port}`)
    expect(await (await get(server.url)).text()).toBe('six')
  })

  it('refuses a port that is taken', async () => {
    const { port } = await setUp(async () => undefined)
    await expect(listen(async () => undefined, { port })).rejects.toMatchObject({
      code: 'SW-LISTEN-FAILED',
      message: `Cannot listen on 127.0.0.1:${port}: EADDRINUSE.`,
    })
  })

  it('answers 500 when its handler throws, and lives on', async () => {
    const errors: unknown[] = []
    const failing: Handler = async (request, response) => {
      if (request.url === '/bad') throw new Error('bug')
      response.end('well')
    }
    const server = await setUp(failing, { onError: (error) => void errors.push(error) })
    expect((await http.request({ method: 'GET', url: `${server.url}/bad`, expect: [500] })).status).toBe(500)
    expect(errors).toEqual([new Error('bug')])
    expect(await (await get(server.url)).text()).toBe('well')
  })

  it('cuts the connection when its handler throws within an answer', async () => {
    const server = await setUp(async (_, response) => {
      response.write('half')
      throw new Error('bug')
    })
    const response = await http.request({ method: 'POST', url: server.url, expect: [200] })
    await expect(response.bytes()).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED' })
  })
})

describe('closing', () => {
  it('ends kept connections and running requests at once, and may be repeated', async () => {
    const { promise: came, resolve: comes } = Promise.withResolvers<void>()
    const server = await listen(async (request, response) => void (request.url === '/slow' ? comes() : response.end('x')))
    await (await get(server.url)).text()
    const idle = connect(server.port, '127.0.0.1')
    await once(idle, 'connect')
    const slow = http.request({ method: 'POST', url: `${server.url}/slow` })
    const failing = expect(slow).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED' })
    await came
    const ended = once(idle, 'close')
    await server.close()
    await Promise.all([failing, ended])
    await server.close()
  })
})
