import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startFakeCloud } from '../../../test/fakes/cloud.ts'
import { writeImage } from '../../../test/fakes/image.ts'
import { pairs } from '../../../test/fakes/kms-keys.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { fakeVault } from '../../../test/fakes/vault.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { imageSignaturePredicate, signatureStatement } from '../../domain/sigstore/formats/statement.ts'
import { signingKey } from '../../domain/sigstore/keys/private-key.ts'
import { attachBundle } from '../../domain/sigstore/sign/attach-bundle.ts'
import { keySigner } from '../../domain/sigstore/sign/signer.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const address = 'https://vault.example.com:8200'

let scene: RegistryScene
let image: Descriptor
beforeEach(async () => {
  scene = await openRegistryScene()
  image = (await writeImage(scene.layout, ['app'])).descriptor
  await copyFromLayout(scene.layout, image.digest, scene.repository)
  await attachBundle(scene.repository, image, {
    payload: signatureStatement(image.digest),
    predicateType: imageSignaturePredicate,
    signer: keySigner(signingKey(pairs.p256.privateKey, 'the test')),
    now: scene.client.clock.now(),
  })
})
afterEach(() => scene.close())

async function verify(key: string, token = 'hvs.token-1'): Promise<{ readonly outcome: Outcome; readonly lines: string }> {
  const { clock } = scene.client
  const keys = { app: { type: 'ecdsa-p256', versions: [pairs.p256, pairs.other] } }
  const vault = fakeVault(address, { keys, tokens: ['hvs.token-1'] })
  const registries = { [`http://${scene.registry.address}`]: scene.registry.url }
  await using cloud = await startFakeCloud([vault.service], { clock, registries })
  const environment = { VAULT_ADDR: address, VAULT_TOKEN: token }
  const { ports, recorded } = fakePorts({ clock, environment, http: cloud.http })
  const inputs = new Map(Object.entries({ image: `${scene.registry.address}/team/app@${image.digest}`, key }))
  const outcome = await execute({ definition: task, load: () => Promise.resolve(run) }, { inputs, record: emptyRecord, ports })
  return { outcome, lines: recorded.lines.join('\n') }
}

test('an image is verified by the version of a key of Vault that signed it, also after the key was rotated', async () => {
  const { outcome, lines } = await verify('hashivault://app/versions/1')
  expect([outcome.failure, outcome.outputs.get('verdict')]).toEqual([undefined, 'pass'])
  expect(lines).toContain('cosign verify --key cosign.pub')
})

test.each([
  ['hashivault://app', 'hvs.token-1', 3, 'SW-VERIFY-REFUSED'],
  ['hashivault://app/versions/9', 'hvs.token-1', 2, 'SW-KMS-KEY-MISSING'],
  ['hashivault://app/versions/1', 'hvs.other', 4, 'SW-KMS-DENIED'],
])('%s with the token %s ends with %i: what is wrong and what could not be found out differ', async (key, token, exit, code) => {
  expect((await verify(key, token)).outcome.failure).toMatchObject({ exit, code })
})
