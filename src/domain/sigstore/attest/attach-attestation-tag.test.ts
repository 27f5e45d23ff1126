import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { writeImage } from '../../../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from '../../oci/copy.ts'
import { getManifest, putManifest } from '../../oci/manifests.ts'
import { childrenOf } from '../../oci/schema.ts'
import type { Descriptor } from '../../oci/types.ts'
import { statementOf } from '../formats/statement.ts'
import { generateKeys } from '../keys/generate.ts'
import { parsePrivateKey } from '../keys/private-key.ts'
import { keySigner, type Signer } from '../sign/signer.ts'
import { attachAttestationTag, attestationTag } from './attach-attestation-tag.ts'

let scene: RegistryScene
let subject: Descriptor
beforeEach(async () => {
  scene = await openRegistryScene()
  subject = (await writeImage(scene.layout)).descriptor
  await copyFromLayout(scene.layout, subject.digest, scene.repository)
})
afterEach(() => scene.close())

const someone = async (): Promise<Signer> =>
  keySigner(await parsePrivateKey(generateKeys('p256', '').privateKey, { where: 'a test’s key' }))
const type = 'https://example.com/review/v1'
const saying = (predicate: string) => ({ payload: statementOf({ digest: subject.digest }, type, predicate), predicateType: type })
const layers = async (): Promise<readonly Descriptor[]> =>
  childrenOf((await getManifest(scene.repository, attestationTag(subject.digest))).content).slice(1)

test('many signers and many statements at once all stay, each once', async () => {
  const signers = await Promise.all(Array.from({ length: 3 }, someone))
  const jobs = [...signers, ...signers].flatMap((signer) => ['{"a":1}', '{"a":2}'].map((predicate) => ({ signer, ...saying(predicate) })))
  await Promise.all(jobs.map((job) => attachAttestationTag(scene.later(), subject, job)))
  expect(await layers()).toHaveLength(6)
})

test('an attestation stays where another machine, that had read the tag before, writes without it a moment later', async () => {
  const { repository } = scene
  await attachAttestationTag(repository, subject, { ...saying('{}'), signer: await someone() })
  const theirs = await getManifest(repository, attestationTag(subject.digest))
  let landed = 0
  const sleep = async (): Promise<void> => {
    if (landed === 0) await putManifest(repository, theirs, attestationTag(subject.digest))
    landed += 1
  }
  const elsewhere = { ...repository, registry: 'registry.example.com', clock: { ...repository.clock, sleep } }
  const attached = await attachAttestationTag(elsewhere, subject, { ...saying('{}'), signer: await someone() })
  expect([(await layers()).map(({ digest }) => digest), attached.present]).toEqual([
    [...childrenOf(theirs.content).slice(1), { digest: attached.digest }].map(({ digest }) => digest),
    false,
  ])
})

test('a layer that says it is the same, and is not, is none', async () => {
  const { repository } = scene
  const signer = await someone()
  await attachAttestationTag(repository, subject, { ...saying('{"a":1}'), signer })
  expect(await attachAttestationTag(repository, subject, { ...saying('{"a":2}'), signer })).toMatchObject({ present: false })
  expect(await attachAttestationTag(repository, subject, { ...saying('{"a":2}'), signer })).toMatchObject({ present: true })
  expect(await attachAttestationTag(repository, subject, { ...saying('{"a":1}'), signer: await someone() })).toMatchObject({
    present: false,
  })
  expect(await layers()).toHaveLength(3)
})
