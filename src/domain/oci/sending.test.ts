import { buffer } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { sha256 } from '../../base/digest.ts'
import { piecesOf } from '../../io/pieces.ts'
import { listen } from '../../io/server.ts'
import { Sending, telling } from './sending.ts'
import { pushBlob } from './upload.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets blobs of these sizes ask for a turn; gives the sizes of those that got one, and what ends the turn of the first. */
async function asking(registry: string, sizes: readonly number[]): Promise<{ begun: number[]; next(): Promise<void> }> {
  const sending = new Sending(registry)
  const begun: number[] = []
  const leavers: (() => void)[] = []
  for (const size of sizes) {
    void sending.enter(size).then((leave) => {
      begun.push(size)
      leavers.push(leave)
    })
  }
  await tick()
  const next = async (): Promise<void> => {
    const leave = leavers.shift()
    leave?.()
    leave?.()
    await tick()
  }
  return { begun, next }
}

test('to a registry on this machine three blobs are sent at once, then of those that wait the largest', async () => {
  const { begun, next } = await asking('127.0.0.1:5000', [1, 1, 1, 5, 9, 7])
  expect(begun).toEqual([1, 1, 1])
  await next()
  expect(begun.slice(3)).toEqual([9])
  await next()
  await next()
  expect(begun.slice(4)).toEqual([7, 5])
})

test('to a registry elsewhere as many as have a place at its host', async () => {
  expect((await asking('registry.example.com', [1, 2, 3, 4, 5, 6])).begun).toEqual([1, 2, 3, 4, 5, 6])
})

test('a body tells when its last piece was taken and nothing more came, not before', async () => {
  let taken = 0
  const body = telling({ size: 2, open: () => piecesOf(pieces('a', 'b')) }, () => {
    taken += 1
  })
  const seen: [string, number][] = []
  for await (const piece of body.open()) seen.push([Buffer.from(piece).toString(), taken])
  expect(seen).toEqual([
    ['a', 0],
    ['b', 0],
  ])
  expect(taken).toBe(1)
})

test('the next blobs are sent while the registry still stores those before', async () => {
  const together = 4
  const stored = Promise.withResolvers<void>()
  let [opened, whole, puts] = [0, 0, 0]
  await using registry = await listening(async (request, response) => {
    if (request.method === 'PUT') {
      await buffer(request)
      whole += 1
      if (whole === together) stored.resolve()
      await stored.promise
      puts += 1
    }
    const status = { HEAD: puts > 0 ? 200 : 404, POST: 202, PUT: 201 }[request.method ?? ''] ?? 200
    response.writeHead(status, { location: `/v2/team/app/blobs/uploads/${opened++}` }).end()
  })
  using client = testClient()
  const repository = client.connect(registry.address).repository('team/app')
  const blobs = Array.from({ length: together }, (_, at) => Buffer.alloc(2 ** 20, String(at)))
  const pushed = blobs.map((bytes) =>
    pushBlob(repository, { digest: sha256(bytes), size: bytes.length, open: () => piecesOf(pieces(bytes)) }),
  )
  expect(await Promise.all(pushed)).toEqual(Array(together).fill('uploaded'))
})

async function* pieces(...all: readonly (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const piece of all) yield Buffer.from(piece)
}

async function listening(...given: Parameters<typeof listen>): Promise<Awaited<ReturnType<typeof listen>> & AsyncDisposable> {
  const server = await listen(...given)
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}
