import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../src/base/digest.ts'
import { isRepository } from '../../src/base/reference.ts'
import { readArtifact } from '../../src/domain/harbor/images.ts'
import { splitRepository } from '../../src/domain/harbor/paths.ts'
import { pushArtifact } from '../../src/domain/oci/artifact.ts'
import { pullBytes } from '../../src/domain/oci/blobs.ts'
import { getManifest } from '../../src/domain/oci/manifests.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { pushBlob } from '../../src/domain/oci/upload.ts'
import { addRobot, addTeam, pushImage } from '../fakes/harbor/images.ts'
import { harborScene } from '../fakes/harbor/scene.ts'
import { testClient } from '../fakes/registry-client.ts'

const scene = harborScene()
const rights = ['repository:pull', 'repository:push', 'artifact:read']
const empty = { mediaType: mediaTypes.empty, digest: sha256('{}'), size: 2 } as const

/** A component of the distribution specification, and names of one to four of them. */
const part = fc.stringMatching(/^[a-z0-9]{1,5}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}$/)
const name = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter(isRepository)

describe('any legal name of a repository', () => {
  it('is the same one at the registry and in the API', async () => {
    const { harbor, connect } = scene()
    addTeam(harbor, [])
    const account = addRobot(harbor, 'team', rights)
    using client = testClient()
    const registry = client.connect(harbor.address, { credential: account })
    const api = connect(account)
    await fc.assert(
      fc.asyncProperty(name, async (path) => {
        const repository = registry.repository(`team/${path}`)
        const manifest = {
          ...{
            schemaVersion: 2 as const,
            mediaType: mediaTypes.manifest,
            artifactType: 'application/x.name',
            config: empty,
            layers: [empty],
          },
          annotations: { name: path },
        }
        const { descriptor } = await pushArtifact(repository, { manifest, blobs: [Buffer.from('{}')] }, 'v1')
        const place = splitRepository(repository.path)
        if (place === undefined) throw new Error('it has a project')
        const seen = await readArtifact(api, { repository: place, digest: descriptor.digest })
        const read = await getManifest(repository, 'v1')
        expect([seen.digest, seen.tags.map((tag) => tag.name), read.descriptor.digest]).toEqual([
          descriptor.digest,
          ['v1'],
          descriptor.digest,
        ])
      }),
      { numRuns: 40 },
    )
  })
})

describe('a blob that lies in another repository', () => {
  it.each([
    ['with a token', (password: string) => ({ DOCKER_AUTH_CONFIG: password })],
    ['with a robot’s password', undefined],
  ] as const)('which the account may not read is sent, not mounted: %s', async (_, byToken) => {
    const { harbor } = scene()
    addTeam(harbor, [])
    addTeam(harbor, [], { name: 'base' })
    const digest = await pushImage(harbor, 'base/image')
    const account = addRobot(harbor, 'team', rights)
    const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64')
    using client = testClient(byToken?.(JSON.stringify({ auths: { [harbor.address]: { auth } } })) ?? {})
    const target = client.connect(harbor.address, byToken === undefined ? { credential: account } : {}).repository('team/app')
    const admin = client.connect(harbor.address, { credential: { username: 'admin', password: 'admin-Passw0rd' } }).repository('base/image')
    const { content } = await getManifest(admin, digest)
    const blob = content.kind === 'manifest' ? content.manifest.config : undefined
    if (blob === undefined) throw new Error('it is an image')
    const bytes = await pullBytes(admin, blob)
    harbor.log.length = 0
    expect(await pushBlob(target, { ...blob, open: () => Readable.from([bytes]) }, { from: 'base/image' })).toBe('uploaded')
    expect(harbor.log.some((line) => /mount=.* 401$/.test(line))).toBe(true)
    expect(harbor.log.filter((line) => line.startsWith('PUT')).map((line) => line.slice(-3))).toEqual(['201'])
  })
})
