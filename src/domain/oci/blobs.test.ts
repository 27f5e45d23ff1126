import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakeRegistry } from '../../../test/fakes/registry.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { pullBlob } from './blobs.ts'
import type { Repository } from './registry.ts'

const content = Buffer.from(Array.from({ length: 40_000 }, (_, at) => Math.imul(at, 2_654_435_761) & 0xff))
const blob = { digest: sha256(content), size: content.length }

let scene: RegistryScene
let registry: FakeRegistry
let repository: Repository

beforeEach(async () => {
  scene = await openRegistryScene()
  ;({ registry, repository } = scene)
  const { status } = await fetch(`${registry.inner}/v2/team/app/blobs/uploads/?digest=${blob.digest}`, { method: 'POST', body: content })
  expect(status).toBe(201)
})
afterEach(() => scene.close())

const pulled = async (): Promise<Buffer> => Buffer.concat(await pullBlob(repository, blob).toArray())
const ranges = (): unknown[] =>
  registry.asked
    .filter(({ path }) => path.includes('/blobs/'))
    .filter(({ method }) => method === 'GET')
    .flatMap(({ headers }) => headers['range'] ?? 'all')

describe('a download that is cut', () => {
  it('goes on from the next byte, as often as it is cut', async () => {
    registry.fail(faults.cutContent(/^GET .*blobs/, 3))
    expect((await pulled()).equals(content)).toBe(true)
    expect(ranges().filter((range) => range !== 'all')).toEqual(['bytes=20000-', 'bytes=30000-', 'bytes=35000-'])
  })

  it('reads past what it has, where the registry knows no ranges', async () => {
    registry.fail({
      on: /^GET .*blobs/,
      after: (reply) =>
        reply.status === 206
          ? { status: 200, headers: {}, body: content }
          : { ...reply, body: content.subarray(0, 15_000), announce: content.length },
    })
    expect((await pulled()).equals(content)).toBe(true)
    expect(ranges()).toContain('bytes=15000-')
  })

  it('is checked as a whole: a rest from another place is refused', async () => {
    registry.fail({
      on: /^GET .*blobs/,
      after: (reply) =>
        reply.status === 206
          ? { ...reply, headers: { ...reply.headers, 'content-range': `bytes 5-39999/40000` } }
          : { ...reply, body: content.subarray(0, 20_000), announce: content.length },
    })
    await expect(pulled()).rejects.toMatchObject({
      code: 'SW-REGISTRY-REFUSED',
      message: expect.stringContaining('from byte 5, asked for 20000'),
    })
  })

  it('that brings other bytes after the cut is noticed', async () => {
    registry.fail({
      on: /^GET .*blobs/,
      after: (reply) =>
        reply.status === 206
          ? { ...reply, body: Buffer.alloc(20_000) }
          : { ...reply, body: content.subarray(0, 20_000), announce: content.length },
    })
    await expect(pulled()).rejects.toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
  })

  it('again and again without a mebibyte between is given up', async () => {
    registry.fail(faults.cutContent(/^GET .*blobs/))
    await expect(pulled()).rejects.toMatchObject({ code: 'SW-REGISTRY-UNREACHABLE', retryable: true })
    expect(ranges()).toHaveLength(5)
  })
})
