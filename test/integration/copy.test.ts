import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { copyBetween, copyFromLayout, copyToLayout } from '../../src/domain/oci/copy.ts'
import { createLayout, type Layout } from '../../src/domain/oci/layout.ts'
import type { Loaded } from '../../src/domain/oci/layout-blobs.ts'
import { getManifest, resolveTag } from '../../src/domain/oci/manifests.ts'
import { listReferrers } from '../../src/domain/oci/referrers.ts'
import type { Repository } from '../../src/domain/oci/registry.ts'
import { childrenOf } from '../../src/domain/oci/schema.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { writeIndex, writeReferrer } from '../fakes/image.ts'
import { testClient } from '../fakes/registry-client.ts'
import { hasDistribution3, startDistribution3 } from '../real/distribution.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('copy')).path
const client = stack.use(testClient())

/** The registries here: version 3 of distribution only where the lab is. */
const names = ['docker-registry 2.8', 'slipway registry', ...(hasDistribution3 ? ['distribution 3'] : [])] as const
const pairs = names.flatMap((from) => names.map((to): [string, string] => [from, to]))
const addresses = new Map<string, string>()
let layout: Layout
let index: Loaded
let referrers: readonly Loaded[]

beforeAll(async () => {
  const served = await listen(await createRegistry({ root: join(folder, 'ours'), log: client.ports.log }))
  stack.defer(() => served.close())
  addresses.set('slipway registry', served.address)
  addresses.set('docker-registry 2.8', stack.use(await startDockerRegistry(folder)).address)
  if (hasDistribution3) addresses.set('distribution 3', stack.use(await startDistribution3(join(folder, 'distribution'))).address)
  layout = await createLayout(join(folder, 'layout'))
  index = await writeIndex(layout, ['amd64', 'arm64'], (content) => gzipSync(content))
  const [child] = childrenOf(index.content)
  if (child === undefined) throw new Error('an index has children')
  const signature = await writeReferrer(layout, index.descriptor)
  referrers = [
    signature,
    await writeReferrer(layout, child, { type: 'x/sbom' }),
    await writeReferrer(layout, signature.descriptor, { note: 'counter' }),
  ]
}, 300_000)
afterAll(() => stack.disposeAsync())

const addressOf = (name: string): string => addresses.get(name) ?? ''
const repositoryAt = (name: string, path: string): Repository => client.connect(addressOf(name)).repository(path)
const slug = (name: string): string => name.replace(/\W+/g, '-')

describe.each(names)('%s', (name) => {
  it('takes an image with what refers to it, and gives it back', async () => {
    const repository = repositoryAt(name, 'acme/app')
    await copyFromLayout(layout, index.descriptor.digest, repository, { referrers: true, tags: ['1.0'] })
    expect((await listReferrers(repository, index.descriptor.digest)).map(({ digest }) => digest)).toEqual([
      referrers[0]?.descriptor.digest,
    ])
    const pulled = await copyToLayout(repository, '1.0', await createLayout(join(folder, `pulled-${slug(name)}`)))
    expect(pulled.descriptor).toEqual(index.descriptor)
  })

  it('mounts every blob from a repository of its own to another', async () => {
    const from = repositoryAt(name, 'acme/app')
    const copied = await copyBetween(from, index.descriptor.digest, repositoryAt(name, 'acme/mounted'), { referrers: true, tags: ['1.0'] })
    expect(copied.blobs).toEqual({ present: 0, mounted: 6, uploaded: 0 })
    expect(await getManifest(repositoryAt(name, 'acme/mounted'), '1.0')).toEqual(index)
  })
})

describe.each(pairs)('from %s to %s', (from, to) => {
  const target = (): Repository => repositoryAt(to, `from/${slug(from)}`)
  const copy = (repository = target()) =>
    copyBetween(repositoryAt(from, 'acme/app'), index.descriptor.digest, repository, { referrers: true, tags: ['1.0'] })

  it('goes the index with its children and all that refers to them; again, nothing is sent', async () => {
    const first = await copy()
    expect(first.referrers.map(({ digest }) => digest).toSorted()).toEqual(referrers.map(({ descriptor }) => descriptor.digest).toSorted())
    expect(await getManifest(target(), '1.0')).toEqual(index)
    for (const { descriptor } of referrers) expect((await getManifest(target(), descriptor)).bytes).toHaveLength(descriptor.size)
    using later = testClient()
    const again = await copy(later.connect(addressOf(to)).repository(`from/${slug(from)}`))
    expect(again).toMatchObject({ blobs: { present: 6, mounted: 0, uploaded: 0 }, moved: [] })
  })

  it('is read by crane and skopeo as it was', async () => {
    const reference = `${addressOf(to)}/from/${slug(from)}:1.0`
    expect((await output(['crane', 'digest', '--insecure', reference])).trim()).toBe(index.descriptor.digest)
    const validated = await end(['crane', 'validate', '--insecure', '--fast', '--remote', reference])
    expect(validated).toMatchObject({ status: 0 })
    const raw = await output(['skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${reference}`])
    expect(Buffer.from(raw).equals(index.bytes)).toBe(true)
  })
})

it('every registry has all copies under one digest', async () => {
  for (const [from, to] of pairs)
    expect((await resolveTag(repositoryAt(to, `from/${slug(from)}`), '1.0'))?.digest).toBe(index.descriptor.digest)
})
