import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { writeImage } from '../../../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from '../../oci/copy.ts'
import { getManifest, putManifest } from '../../oci/manifests.ts'
import { childrenOf } from '../../oci/schema.ts'
import { signatureTag } from '../formats/simple-signing.ts'
import { generateKeys } from '../keys/generate.ts'
import { parsePrivateKey } from '../keys/private-key.ts'
import { attachSignatureTag } from './attach-signature-tag.ts'
import { keySigner, type Signer } from './signer.ts'
import type { Witnesses } from './witnesses.ts'

let scene: RegistryScene
beforeEach(async () => {
  scene = await openRegistryScene()
})
afterEach(() => scene.close())

const someone = async (): Promise<Signer> =>
  keySigner(await parsePrivateKey(generateKeys('p256', '').privateKey, { where: 'a test’s key' }))

test('a signature stays where another machine, that had read the tag before, writes without it a moment later', async () => {
  const { repository } = scene
  const { descriptor } = await writeImage(scene.layout)
  await copyFromLayout(scene.layout, descriptor.digest, repository)
  const tag = signatureTag(descriptor.digest)
  await attachSignatureTag(repository, descriptor, { signer: await someone() })
  const theirs = await getManifest(repository, tag)
  let landed = 0
  const sleep = async (): Promise<void> => {
    if (landed === 0) await putManifest(repository, theirs, tag)
    landed += 1
  }
  const elsewhere = { ...repository, registry: 'registry.example.com', clock: { ...repository.clock, sleep } }
  const attached = await attachSignatureTag(elsewhere, descriptor, { signer: await someone() })
  const { content, descriptor: now } = await getManifest(repository, tag)
  expect([childrenOf(content).length - 1, now.digest, attached.present]).toEqual([2, attached.digest, false])
})

test('many signers at once all stay', async () => {
  const { descriptor } = await writeImage(scene.layout)
  await copyFromLayout(scene.layout, descriptor.digest, scene.repository)
  const signers = await Promise.all(Array.from({ length: 5 }, someone))
  await Promise.all(signers.map((signer) => attachSignatureTag(scene.later(), descriptor, { signer })))
  const { content } = await getManifest(scene.repository, signatureTag(descriptor.digest))
  expect(childrenOf(content)).toHaveLength(6)
})

test('under a tag, which has room for one entry of a log, a signature that two logs have is whole', async () => {
  const { descriptor } = await writeImage(scene.layout)
  await copyFromLayout(scene.layout, descriptor.digest, scene.repository)
  const entry = { logId: { keyId: '' }, kindVersion: { kind: 'hashedrekord', version: '0.0.1' }, canonicalizedBody: '' }
  const attest: Witnesses['attest'] = async () => ({ entries: [entry, entry], timestamps: [] })
  const key = await parsePrivateKey(generateKeys('p256', '').privateKey, { where: 'a test’s key' })
  const signer = keySigner(key, { logs: 2, authorities: 0, legacy: true, takesEnvelopes: true, attest })
  const present: boolean[] = []
  for (let run = 0; run < 2; run += 1) present.push((await attachSignatureTag(scene.later(), descriptor, { signer })).present)
  expect(present).toEqual([false, true])
})
