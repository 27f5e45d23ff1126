import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { errorReply } from '../../../test/fakes/registry.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
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
})
