import { describe, expect, it } from '@jest/globals'
import { type KeylessScene, keylessRun } from '../../../../../test/fakes/keyless.ts'
import { fakeQuay } from '../../../../../test/fakes/quay.ts'

const start = (registry: string, scene: KeylessScene, host = registry) =>
  keylessRun(registry, [fakeQuay({ host, robot: 'acme+ci', identity: 'job-token', token: 'robot-token' })], scene)

describe('a token of a Quay robot', () => {
  it.each([
    ['quay.io', 'acme+ci'],
    ['quay.io', 'quay.io/acme+ci'],
    ['quay.example.com:8443', 'quay.example.com:8443/acme+ci'],
  ])('is had at %s by the identity of the run, for SLIPWAY_QUAY_ROBOT=%s', async (registry, robot) => {
    await using run = await start(registry, { environment: { SLIPWAY_QUAY_ROBOT: robot }, identity: { [registry]: 'job-token' } })
    expect(await run.credential()).toMatchObject({ kind: 'password', username: 'acme+ci', password: 'robot-token' })
    expect(run.asked).toEqual([`GET https://${registry}/oauth2/federation/robot/token`])
    expect(run.masked).toEqual(['job-token', 'robot-token'])
  })

  it.each([
    ['quay.io', undefined],
    ['quay.example.com', 'acme+ci'],
    ['quay.io.evil.example', 'acme+ci'],
    ['quay.io', 'quay.example.com/acme+ci'],
  ])('is not asked for at %s with SLIPWAY_QUAY_ROBOT=%s', async (registry, robot) => {
    const environment: Record<string, string> = robot === undefined ? {} : { SLIPWAY_QUAY_ROBOT: robot }
    await using run = await start(registry, { environment, identity: { [registry]: 'job-token' } })
    expect([await run.credential(), run.failure(), run.asked]).toEqual([undefined, undefined, []])
  })

  it.each<[string, KeylessScene, RegExp]>([
    [
      'a robot without federation',
      { environment: { SLIPWAY_QUAY_ROBOT: 'acme+other' }, identity: { 'quay.io': 'job-token' } },
      /answered 401 \(Token does not match robot\)/,
    ],
    ['a name that is no robot’s', { environment: { SLIPWAY_QUAY_ROBOT: 'acme' } }, /expected ORGANISATION\+ROBOT/],
    ['a run without identity', { environment: { SLIPWAY_QUAY_ROBOT: 'acme+ci' } }, /no identity for quay\.io/],
  ])('is not had by %s', async (_, scene, message) => {
    await using run = await start('quay.io', scene)
    expect(await run.credential()).toBeUndefined()
    expect(run.failure()).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringMatching(message) })
  })
})
