import { expect, test } from '@jest/globals'
import { startFakeHarbor } from '../../../../test/fakes/harbor/harbor.ts'
import { addRobot, addTeam } from '../../../../test/fakes/harbor/images.ts'
import { testClient } from '../../../../test/fakes/registry-client.ts'
import { knownFormats } from './known-formats.ts'

test.each([
  ['2.15', 'logged in', 'bundle'],
  ['2.14', 'logged in', 'both'],
  ['2.15', 'nobody', 'both'],
] as const)('at a Harbor %s, %s: %s', async (profile, who, formats) => {
  await using harbor = await startFakeHarbor({ profile })
  addTeam(harbor, [], { metadata: { public: 'true' } })
  const { username, password } = addRobot(harbor, 'team', ['repository:pull', 'repository:push'])
  const auths = { [harbor.address]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } }
  // As most have it: what `docker login` left is shown to the token service only, until something says that it is a Harbor.
  using client = testClient(who === 'nobody' ? {} : { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) })
  const repository = client.connect(harbor.address).repository('team/app')
  expect(await knownFormats(repository)).toBe(formats)
})
