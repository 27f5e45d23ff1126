import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { errorReply } from '../../../test/fakes/registry.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { listen } from '../../io/server.ts'
import { pushArtifact } from './artifact.ts'
import { getManifest } from './manifests.ts'
import { mediaTypes } from './types.ts'

const bytes = Buffer.from('{}')
const blob = { mediaType: mediaTypes.empty, digest: sha256(bytes), size: bytes.length }
const artifact = {
  manifest: { schemaVersion: 2, mediaType: mediaTypes.manifest, artifactType: 'x/note', config: blob, layers: [blob] },
  blobs: [bytes],
} as const

let scene: RegistryScene
beforeEach(async () => {
  scene = await openRegistryScene()
})
afterEach(() => scene.close())

const missing = JSON.stringify({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] })
const unknown = { on: /^PUT .*manifests/, instead: () => errorReply(400, 'MANIFEST_BLOB_UNKNOWN') }

describe('an artifact', () => {
  it('is there under its digest, and under a tag when asked for', async () => {
    const { descriptor } = await pushArtifact(scene.repository, artifact)
    expect((await getManifest(scene.repository, descriptor)).bytes.toString()).toBe(JSON.stringify(artifact.manifest))
    await pushArtifact(scene.repository, artifact, 'note')
    expect((await getManifest(scene.repository, 'note')).descriptor.digest).toBe(descriptor.digest)
  })

  it('is sent what was made a moment ago, and asked for the rest first', async () => {
    const made = Buffer.from('made just now')
    const layers = [{ mediaType: 'x/note', digest: sha256(made), size: made.length }]
    await pushArtifact(scene.repository, { ...artifact, manifest: { ...artifact.manifest, layers }, made: [made] })
    const asked = (digest: string): number =>
      scene.registry.asked.filter(({ method, path }) => method === 'HEAD' && path.endsWith(digest)).length
    // Each is looked for once when it was sent.
    expect([asked(sha256(made)), asked(blob.digest)]).toEqual([1, 2])
  })

  it('is put again, with its blobs, where a registry lost sight of a blob that others send too', async () => {
    scene.registry.fail({ ...unknown, times: 2 })
    await pushArtifact(scene.repository, artifact)
    expect(scene.registry.log.filter((line) => line.startsWith('PUT') && line.includes('/manifests/'))).toHaveLength(3)
  })

  it('whose blobs the registry never has is an error', async () => {
    scene.registry.fail(unknown)
    await expect(pushArtifact(scene.repository, artifact)).rejects.toMatchObject({ code: 'SW-BLOB-MISSING' })
  })

  it('is put when the registry knows of its blobs, seconds after it took them', async () => {
    using client = testClient()
    let taken = Number.POSITIVE_INFINITY
    const isKnown = (): boolean => client.clock.now() - taken >= 4000
    const puts: number[] = []
    const server = await listen(async ({ method, url = '' }, response) => {
      if (method === 'PUT' && url.includes('/uploads/')) taken = Math.min(taken, client.clock.now())
      const isPut = method === 'PUT' && url.includes('/manifests/')
      const isBlob = url.includes('/blobs/sha256:')
      if (isPut) puts.push(client.clock.now())
      const status = method === 'POST' ? 202 : method === 'PUT' ? 201 : 200
      if (!isKnown() && (isPut || isBlob)) return void response.writeHead(isPut ? 400 : 404).end(missing)
      const bytes = method === 'GET' ? JSON.stringify(artifact.manifest) : ''
      response.writeHead(status, { location: '/v2/team/app/blobs/uploads/1', 'content-type': mediaTypes.manifest }).end(bytes)
    })
    try {
      await pushArtifact(client.connect(server.address).repository('team/app'), artifact)
      expect(puts).toHaveLength(2)
    } finally {
      await server.close()
    }
  })

  describe('whose blobs a registry takes and does not keep', () => {
    beforeEach(() => scene.registry.fail({ on: /^HEAD .*blobs/, instead: () => errorReply(404, 'BLOB_UNKNOWN') }))

    it('is an error each time', async () => {
      for (const _ of [1, 2]) await expect(pushArtifact(scene.repository, artifact)).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
    })

    it('is an error for each of two that share them', async () => {
      const other = { ...artifact, manifest: { ...artifact.manifest, artifactType: 'x/other' } }
      const pushed = await Promise.allSettled([artifact, other].map((one) => pushArtifact(scene.repository, one)))
      expect(pushed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })

    it('gets no tag', async () => {
      await expect(pushArtifact(scene.repository, artifact, 'note')).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
      expect(scene.registry.log.filter((line) => line.startsWith('PUT') && line.includes('/manifests/'))).toEqual([])
    })
  })
})
