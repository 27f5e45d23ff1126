/** Where Harbors of other versions answer otherwise than the recorded one. */
import { expect, it } from '@jest/globals'
import { connectHarbor } from '../../src/domain/harbor/client.ts'
import { readAccessories } from '../../src/domain/harbor/images.ts'
import { systemOf } from '../../src/domain/harbor/login.ts'
import { startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { addTeam, pushImage, pushReferrer } from '../fakes/harbor/images.ts'
import { testClient } from '../fakes/registry-client.ts'

const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json'

it.each([
  ['2.12', 'subject.accessory', false],
  ['2.14', 'subject.accessory', false],
  ['2.15', 'signature.cosign', true],
] as const)('%s takes a Sigstore bundle for %s', async (profile, type, bundles) => {
  await using harbor = await startFakeHarbor({ profile })
  using client = testClient()
  addTeam(harbor, [])
  const digest = await pushImage(harbor, 'team/app')
  const accessory = await pushReferrer(harbor, 'team/app', { subject: digest, artifactType: bundle })
  const credential = { kind: 'password', username: 'admin', password: 'admin-Passw0rd', source: 'the test' } as const
  const connected = connectHarbor({ origin: harbor.url, credential }, client.ports)
  expect(await readAccessories(connected, { repository: { project: 'team', name: 'app' }, digest })).toMatchObject([
    { digest: accessory, type },
  ])
  expect((await systemOf(connected)).bundles).toBe(bundles)
})
