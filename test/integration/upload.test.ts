import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sha256 } from '../../src/base/digest.ts'
import { type BlobSource, pullBlob } from '../../src/domain/oci/blobs.ts'
import { copyFromLayout } from '../../src/domain/oci/copy.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { resolveTag } from '../../src/domain/oci/manifests.ts'
import type { Repository } from '../../src/domain/oci/registry.ts'
import { moveTags } from '../../src/domain/oci/tags.ts'
import { pushBlob } from '../../src/domain/oci/upload.ts'
import { writeImage } from '../fakes/image.ts'
import { type TestClient, testClient } from '../fakes/registry-client.ts'
import { cutting } from '../real/cutting-proxy.ts'
import { temporaryFolder } from '../real/folder.ts'
import { registryNames, startRegistries } from '../real/registries.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('upload')).path
let addresses: ReadonlyMap<string, string>
const mebibyte = 2 ** 20

beforeAll(async () => {
  addresses = await startRegistries(stack, folder)
}, 300_000)
afterAll(() => stack.disposeAsync())

/** Bytes that are nowhere yet. */
function blob(size: number): BlobSource {
  const bytes = randomBytes(size)
  return { digest: sha256(bytes), size, open: () => Readable.from([bytes], { objectMode: false }) }
}

describe.each(registryNames)('%s', (name) => {
  const address = (): string => addresses.get(name) ?? ''
  const path = `upload/${name.replace(/\W+/g, '-')}`
  let client: TestClient
  beforeEach(() => {
    client = testClient()
  })
  afterEach(() => client[Symbol.dispose]())
  const at = (host: string, chunkSize?: number): Repository => client.connect(host, { chunkSize }).repository(path)
  const arrives = async (source: BlobSource): Promise<boolean> => {
    const pieces = await pullBlob(at(address()), source).toArray()
    return pieces.reduce((sum, piece) => sum + piece.length, 0) === source.size
  }

  it('takes a blob in chunks', async () => {
    const large = blob(20 * mebibyte + 1)
    expect(await pushBlob(at(address(), 3 * mebibyte), large)).toBe('uploaded')
    expect(await arrives(large)).toBe(true)
  })

  it.each([
    ['in chunks', 3 * mebibyte, 2 * mebibyte],
    ['in one request', undefined, 10 * mebibyte],
  ])('takes a blob %s whose connection is cut again and again', async (_, chunkSize, after) => {
    await using proxy = await cutting(address(), { after, times: 3 })
    const large = blob(20 * mebibyte + 1)
    expect(await pushBlob(at(proxy.address, chunkSize), large)).toBe('uploaded')
    // Distribution 3 keeps what came: what is left may be too little for a third.
    expect(proxy.cuts()).toBeGreaterThanOrEqual(2)
    expect(await arrives(large)).toBe(true)
  })

  it('has four images with three common layers after three uploads of them', async () => {
    const layers = [blob(1000), blob(2000), blob(3000)]
    const repositories = [1, 2, 3, 4].map((number) => client.connect(address()).repository(`${path}/${number}`))
    const pushed = await Promise.all(repositories.flatMap((repository) => layers.map((layer) => pushBlob(repository, layer))))
    expect(pushed.filter((how) => how === 'uploaded')).toHaveLength(3)
    expect(pushed.filter((how) => how === 'mounted')).toHaveLength(9)
  })

  it('moves twelve tags at once, whether or not it takes several in one request', async () => {
    const layout = await createLayout(join(folder, path))
    const image = await writeImage(layout, [randomBytes(100)])
    const repository = at(address())
    await copyFromLayout(layout, image.descriptor.digest, repository)
    const tags = Array.from({ length: 12 }, (_, number) => `t${number}`)
    expect(await moveTags(repository, image, tags)).toEqual(tags)
    for (const tag of tags) expect((await resolveTag(repository, tag))?.digest).toBe(image.descriptor.digest)
    expect(repository.known.takesTags).toBe(name === 'slipway registry')
  })
})
