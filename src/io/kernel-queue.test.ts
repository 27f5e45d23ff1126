import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { closedTransports } from './fixtures/transport.ts'
import { kernelQueue } from './kernel-queue.ts'

const setUp = closedTransports()
const size = 6_000_000

it('is what the other side has not taken, until it takes it', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ host: '127.0.0.1', port: Object(server.address()).port })
  const [[there]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  expect(kernelQueue(client)).toBe(0)
  client.write(Buffer.alloc(size))
  await delay(50)
  const held = kernelQueue(client)
  expect(held).toBeGreaterThan(100_000)
  there.resume()
  while (kernelQueue(client) > 0) await delay(5)
  client.destroy()
  server.close()
  expect(kernelQueue({ localPort: 1, remotePort: 1 })).toBe(0)
})

it('lets an upload go on that is slower than a kernel tells: so many bytes it holds', async () => {
  const server = createHttpServer(async (request, response) => {
    let seen = 0
    for await (const { length } of request) {
      seen += length
      await delay(length / 1000)
    }
    response.end(String(seen))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${Object(server.address()).port}/`
  const body = { open: () => Readable.from([Buffer.alloc(size / 2), Buffer.alloc(size / 2)]), size }
  const { http } = setUp()
  const sent = http.request({ method: 'PUT', url, body, attempts: 1, idleTimeout: 500, moreIdle: () => 0 })
  await sent
    .then(async (response) => expect(await response.text()).toBe(String(size)))
    .finally(() => {
      server.closeAllConnections()
      server.close()
    })
}, 30_000)
