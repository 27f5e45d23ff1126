import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { type Listening, listen } from '../../io/server.ts'
import { copyFromLayout, copyToLayout } from './copy.ts'
import { addEntry, createLayout } from './layout.ts'
import { writeBlob, writeManifest } from './layout-blobs.ts'
import { mediaTypes } from './types.ts'

let scene: RegistryScene
/** Where a manifest says that a layer can be had. */
let elsewhere: Listening
const asked: string[] = []

beforeEach(async () => {
  scene = await openRegistryScene()
  elsewhere = await listen(async (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('elsewhere')
  })
})
afterEach(async () => {
  asked.length = 0
  await elsewhere.close()
  await scene.close()
})

// go-containerregistry: TestValidateForeignURL. Whoever writes a manifest chooses its `urls`.
it.each([
  ['a layer that may not be distributed', 'application/vnd.oci.image.layer.nondistributable.v1.tar', false],
  ['a foreign layer of Docker', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', false],
  ['an ordinary layer that names other places', mediaTypes.layer, true],
])('%s is never fetched from its urls', async (_, mediaType, isKept) => {
  const { layout, repository, folder } = scene
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, JSON.stringify({ os: 'linux', architecture: 'amd64' }))) }
  if (isKept) await writeBlob(layout, 'elsewhere')
  const layer = { mediaType, digest: sha256('elsewhere'), size: 9, urls: [`${elsewhere.url}/layer`, 'http://169.254.169.254/layer'] }
  const image = await writeManifest(layout, { schemaVersion: 2, config, layers: [layer] })
  await addEntry(layout, image)
  await copyFromLayout(layout, image.digest, repository, { tags: ['v1'] })
  await copyToLayout(repository, 'v1', await createLayout(join(folder, 'pulled')))
  expect(asked).toEqual([])
})
