import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../base/digest.ts'
import { piecesOf } from '../../io/pieces.ts'
import { type BlobSource, headBlob } from './blobs.ts'
import { blobAt } from './copy-from-layout.ts'
import type { Repository } from './registry.ts'
import { type Descriptor, mediaTypes } from './types.ts'
import { pushBlob } from './upload.ts'
import { pushScopes } from './upload-session.ts'

const credential = { username: 'bob', password: 'hunter2' }
const mebibyte = 2 ** 20
/** More than all buffers on the way hold, so that the download stays open between two chunks. */
const contents = ['x', 'y'].map((letter) => Buffer.alloc(24 * mebibyte, letter))

let registry: FakeRegistry
let client: TestClient
let to: Repository
let from: Repository

beforeEach(async () => {
  client = testClient()
  registry = await startFakeRegistry({ auth: { mode: 'harbor', ...credential, now: client.clock.now, life: 100 } })
  const here = client.connect(registry.address, { credential, chunkSize: 2 * mebibyte })
  ;[from, to] = [here.repository('staging/app'), here.repository('prod/app')]
  for (const bytes of contents) await pushBlob(from, { ...described(bytes), open: () => piecesOf(once(bytes)) })
  // The tokens are there: five answers more would make the host one strike less busy.
  await headBlob(from, blobs()[0].digest)
  await headBlob(to, blobs()[0].digest, pushScopes(to))
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

async function* once(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece
}

function described(bytes: Buffer): Descriptor {
  return { mediaType: mediaTypes.layer, digest: sha256(bytes), size: bytes.length }
}

/** The blobs, to be read where they are. */
function blobs(): [BlobSource, BlobSource] {
  const [x, y] = contents.map((bytes) => ({ ...described(bytes), ...blobAt(from, described(bytes), to) }))
  if (x === undefined || y === undefined) throw new Error('there are two')
  return [x, y]
}

/** From then on one download and one upload are all that the host is asked at once. */
const refused = (times: number) => faults.status(/^POST .*uploads/, 429, { times, code: 'TOOMANYREQUESTS' })

describe('between two repositories of a host that is busy, in chunks and without a mount', () => {
  it('a blob arrives though its token ends between two chunks: the next is asked for beside the download', async () => {
    let isLate = false
    registry.fail(refused(2), {
      on: /^PATCH /,
      after: (reply) => {
        if (!isLate) client.clock.advance(200_000)
        isLate = true
        return reply
      },
    })
    const before = registry.tokens.length
    expect(await pushBlob(to, blobs()[0], { absent: true })).toBe('uploaded')
    expect(registry.tokens.length).toBeGreaterThan(before)
  }, 15_000)

  it('a blob arrives though no answer says how much of it is there: that is asked beside the download', async () => {
    registry.fail(refused(2), faults.noHeader(/^PATCH /, 'range'))
    expect(await pushBlob(to, blobs()[0], { absent: true })).toBe('uploaded')
    expect(registry.log.filter((line) => /^GET .*uploads/.test(line))).toHaveLength(12)
  }, 15_000)

  it('two blobs arrive at once: neither waits with its download for the upload of the other', async () => {
    registry.fail(refused(8))
    expect(await Promise.all(blobs().map((blob) => pushBlob(to, blob, { absent: true })))).toEqual(['uploaded', 'uploaded'])
  }, 15_000)
})
