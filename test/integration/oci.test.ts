import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sha256 } from '../../src/base/digest.ts'
import { headBlob } from '../../src/domain/oci/blobs.ts'
import { copyFromLayout, copyToLayout } from '../../src/domain/oci/copy.ts'
import { addEntry, createLayout, type Layout } from '../../src/domain/oci/layout.ts'
import { type Loaded, openBlob } from '../../src/domain/oci/layout-blobs.ts'
import { deleteManifest, findManifest, resolveTag } from '../../src/domain/oci/manifests.ts'
import { listReferrers } from '../../src/domain/oci/referrers.ts'
import { childrenOf } from '../../src/domain/oci/schema.ts'
import { listTags } from '../../src/domain/oci/tags.ts'
import { pushBlob } from '../../src/domain/oci/upload.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { writeImage, writeIndex, writeReferrer } from '../fakes/image.ts'
import { testClient } from '../fakes/registry-client.ts'
import { cutting } from '../real/cutting-proxy.ts'
import { freeAddress, startDockerRegistry } from '../real/docker-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'
import { until } from '../real/until.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('oci')).path
const client = stack.use(testClient())
let layout: Layout
let index: Loaded
let address: string

beforeAll(async () => {
  address = stack.use(await startDockerRegistry(folder)).address
  layout = await createLayout(join(folder, 'layout'))
  // Programs that look into layers would compress anew what only claims to be gzip.
  index = await writeIndex(layout, ['amd64', 'arm64'], (content) => gzipSync(content))
})
afterAll(() => stack.disposeAsync())

const repositoryAt = (path: string) => client.connect(address).repository(path)

describe('our client and Debian’s docker-registry', () => {
  it('push and pull an index, tags last, and again without a write', async () => {
    const first = await copyFromLayout(layout, index.descriptor.digest, repositoryAt('acme/app'), { tags: ['1.0', 'latest'] })
    expect(first).toMatchObject({ blobs: { uploaded: 5 }, moved: ['1.0', 'latest'] })
    const again = await copyFromLayout(layout, index.descriptor.digest, repositoryAt('acme/app'), { tags: ['1.0', 'latest'] })
    expect(again).toMatchObject({ blobs: { present: 5, uploaded: 0 }, bytes: { sent: 0 }, moved: [] })
    expect([...(await listTags(repositoryAt('acme/app')))].sort()).toEqual(['1.0', 'latest'])
    const pulled = await createLayout(join(folder, 'pulled'))
    expect(await copyToLayout(repositoryAt('acme/app'), '1.0', pulled)).toEqual({
      descriptor: index.descriptor,
      images: [index.descriptor],
    })
  })

  it('mount a blob from another repository', async () => {
    const { descriptor } = await writeImage(layout, ['to be mounted'])
    const from = repositoryAt('acme/base')
    await copyFromLayout(layout, descriptor.digest, from)
    const { content } = await findManifest(from, descriptor).then((found) => found ?? Promise.reject(new Error('pushed')))
    const layer = childrenOf(content)[1]
    if (layer === undefined) throw new Error('an image has a layer')
    const blob = { digest: layer.digest, size: layer.size, open: () => openBlob(layout, layer) }
    expect(await pushBlob(repositoryAt('acme/derived'), blob, { from: 'acme/base' })).toBe('mounted')
    expect(await headBlob(repositoryAt('acme/derived'), layer.digest)).toBe(layer.size)
    expect(await pushBlob(repositoryAt('acme/other'), blob, { from: 'acme/nowhere' })).toBe('uploaded')
  })

  it('survive connections that are cut in the middle of a layer', async () => {
    await using proxy = await cutting(address, { after: 600_000, times: 2 })
    const { descriptor } = await writeImage(layout, [Buffer.alloc(3_000_000, 'x')])
    const target = client.connect(proxy.address).repository('acme/cut')
    await copyFromLayout(layout, descriptor.digest, target, { tags: ['v1'] })
    expect(proxy.cuts()).toBe(2)
    const pulled = await createLayout(join(folder, 'after-cut'))
    await copyToLayout(repositoryAt('acme/cut'), 'v1', pulled)
  })

  it('keep a list of referrers under the fallback tag', async () => {
    const subject = await writeImage(layout, ['signed'])
    const referrers = [
      await writeReferrer(layout, subject.descriptor, { type: 'x/signature' }),
      await writeReferrer(layout, subject.descriptor, { type: 'x/sbom' }),
    ]
    await copyFromLayout(layout, subject.descriptor.digest, repositoryAt('acme/signed'), { referrers: true })
    await copyFromLayout(layout, subject.descriptor.digest, repositoryAt('acme/signed'), { referrers: true })
    const listed = await listReferrers(repositoryAt('acme/signed'), subject.descriptor.digest)
    expect(listed.map((entry) => entry.digest)).toEqual(referrers.map(({ descriptor }) => descriptor.digest))
    expect(await listTags(repositoryAt('acme/signed'))).toEqual([subject.descriptor.digest.replace(':', '-')])
  })

  it('lose no referrer that eight processes attach to a digest at once, in any of 100 rounds', async () => {
    const subjects = Array.from({ length: 100 }, (_, at) => sha256(`subject ${at}`))
    const script = join(import.meta.dirname, '..', 'real', 'attach-referrers.ts')
    // Each goes through the subjects in their order, so that all are at the same one again and again.
    const attach = (name: number): Promise<string> => output([process.execPath, script, `${address}/acme/busy`, String(name), ...subjects])
    await Promise.all(Array.from({ length: 8 }, (_, at) => attach(at)))
    const listed = await Promise.all(subjects.map((subject) => listReferrers(repositoryAt('acme/busy'), subject)))
    expect(listed.map((entries) => entries.length)).toEqual(subjects.map(() => 8))
  }, 600_000)

  it('delete a manifest', async () => {
    const { descriptor } = await writeImage(layout, ['deleted'])
    await copyFromLayout(layout, descriptor.digest, repositoryAt('acme/deleted'), { tags: ['v1'] })
    await deleteManifest(repositoryAt('acme/deleted'), descriptor.digest)
    expect(await findManifest(repositoryAt('acme/deleted'), descriptor)).toBeUndefined()
    await deleteManifest(repositoryAt('acme/deleted'), descriptor.digest)
  })

  it('speak Basic, and name the source of a credential that is refused', async () => {
    await using server = await startWithPassword()
    const push = (credential?: { username: string; password: string }) =>
      copyFromLayout(layout, index.descriptor.digest, client.connect(server.address, { credential }).repository('acme/private'))
    await expect(push()).rejects.toMatchObject({ code: 'SW-REGISTRY-UNAUTHENTICATED' })
    await expect(push({ username: 'bob', password: 'wrong' })).rejects.toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      message: expect.stringContaining('the inputs username and password'),
    })
    expect(await push({ username: 'bob', password: 'hunter2' })).toMatchObject({ blobs: { uploaded: 5 } })
  })
})

describe('skopeo reads what we write, and we read what skopeo writes', () => {
  it('by way of docker-registry', async () => {
    await copyFromLayout(layout, index.descriptor.digest, repositoryAt('acme/ours'), { tags: ['v1'] })
    await output([
      'skopeo',
      'copy',
      '--all',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${address}/acme/ours:v1`,
      `docker://${address}/acme/theirs:v1`,
    ])
    expect((await resolveTag(repositoryAt('acme/theirs'), 'v1'))?.digest).toBe(index.descriptor.digest)
    await copyToLayout(repositoryAt('acme/theirs'), 'v1', await createLayout(join(folder, 'theirs')))
  })

  it('by way of a layout', async () => {
    const theirs = join(folder, 'skopeo-layout')
    await output(['skopeo', 'copy', '--all', '--src-tls-verify=false', `docker://${address}/acme/app:1.0`, `oci:${theirs}:v1`])
    const opened = await createLayout(theirs)
    await copyFromLayout(opened, index.descriptor.digest, repositoryAt('acme/from-skopeo'), { tags: ['v1'] })
    expect((await resolveTag(repositoryAt('acme/from-skopeo'), 'v1'))?.digest).toBe(index.descriptor.digest)
  })

  it('by way of our own registry', async () => {
    const handler = await createRegistry({ root: join(folder, 'our-registry'), log: client.ports.log })
    const server = await listen(handler)
    try {
      await addEntry(layout, index.descriptor, 'named')
      await output([
        'skopeo',
        'copy',
        '--all',
        '--dest-tls-verify=false',
        `oci:${layout.folder}:named`,
        `docker://${server.address}/acme/app:v1`,
      ])
      const inspected = JSON.parse(
        await output(['skopeo', 'inspect', '--tls-verify=false', '--raw', `docker://${server.address}/acme/app:v1`]),
      )
      expect(inspected).toEqual(JSON.parse(index.bytes.toString()))
      expect((await resolveTag(client.connect(server.address).repository('acme/app'), 'v1'))?.digest).toBe(index.descriptor.digest)
      expect(JSON.parse(await output(['skopeo', 'list-tags', '--tls-verify=false', `docker://${server.address}/acme/app`]))).toMatchObject({
        Tags: ['v1'],
      })
      await output(['skopeo', 'delete', '--tls-verify=false', `docker://${server.address}/acme/app:v1`])
      expect(await resolveTag(client.connect(server.address).repository('acme/app'), 'v1')).toBeUndefined()
    } finally {
      await server.close()
    }
  })
})

/** docker-registry that lets in bob with the password hunter2, in memory. */
async function startWithPassword(): Promise<AsyncDisposable & { readonly address: string }> {
  const path = join(folder, 'htpasswd')
  writeFileSync(path, 'bob:$2b$04$yphqx1O5tanNpizZWgPg5eqpdAZRY3oL34AByIPO3OTbf5flCYlya\n')
  const own = await freeAddress()
  const config = { version: 0.1, storage: { inmemory: {} }, http: { addr: own }, auth: { htpasswd: { realm: 'test', path } } }
  writeFileSync(join(folder, 'password.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(folder, 'password.yml')], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve, reject) => child.on('error', reject).on('exit', () => resolve()))
  await until('docker-registry asks for a password', async () => (await fetch(`http://${own}/v2/`)).status === 401)
  return {
    address: own,
    [Symbol.asyncDispose]: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}
