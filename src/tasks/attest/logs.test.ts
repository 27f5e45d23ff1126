import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startFakeCloud } from '../../../test/fakes/cloud.ts'
import { fakeRekor1, fakeRekor2 } from '../../../test/fakes/rekor.ts'
import { sha256 } from '../../base/digest.ts'
import { findManifest } from '../../domain/oci/manifests.ts'
import { type Attesting, cyclonedx, only, openAttesting, review } from './attesting.fake.ts'

let at: Attesting
beforeEach(async () => {
  at = await openAttesting()
})
afterEach(() => at.scene.close())

describe('with a log', () => {
  const rekor = 'https://rekor.example.com'
  const logged = { 'transparency-log': 'true', 'rekor-url': rekor, timeout: '45m' }

  async function cloudWith(log: ReturnType<typeof fakeRekor1>) {
    const { clock } = at.scene.client
    const registries = { [`http://${at.scene.registry.address}`]: at.scene.registry.url }
    return { cloud: await startFakeCloud([log.service], { clock, registries }), clock }
  }

  test('45 minutes without it end as something to resume, and the next run attests once', async () => {
    const log = fakeRekor1(rekor, at.scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    const inputs = only(`cyclonedx=sbom.json\n${review}=review.json`, { ...logged, format: 'both' })
    log.downUntil = clock.now() + 46 * 60_000
    const { outcome } = await at.attest(inputs, { ports })
    expect(outcome.failure).toMatchObject({ code: 'SW-SIGSTORE-UNAVAILABLE', exit: 6, hint: 'slipway resume' })
    expect(at.writes()).toEqual([])
    clock.advance(10 * 60_000)
    expect((await at.attest(inputs, { ports })).outcome.failure).toBeUndefined()
    expect((await at.attest(inputs, { ports })).outcome.headline).toContain('all there already')
    expect(log.entries).toHaveLength(4)
  })

  test('an end in between leaves whole attestations, and the next run does only the rest', async () => {
    const log = fakeRekor1(rekor, at.scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    await at.attest(only('cyclonedx=sbom.json', logged), { ports })
    const { outcome } = await at.attest(only(`cyclonedx=sbom.json\n${review}=review.json`, logged), { ports })
    expect(outcome.record.attestations).toHaveLength(2)
    expect(log.entries).toHaveLength(2)
    expect((await at.statements()).map((statement) => statement['predicateType'])).toEqual(['https://cyclonedx.org/bom', review])
  })

  test('of version 1, what is too large is kept beside the image, and signed by reference, with a warning', async () => {
    const log = fakeRekor1(rekor, at.scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    const inputs = only('cyclonedx=sbom.json', { ...logged, 'log-limit': '20' })
    const { outcome: refused } = await at.attest({ ...inputs, large: 'refuse' }, { ports })
    expect(refused.failure).toMatchObject({ code: 'SW-ATTEST-TOO-LARGE', exit: 2, hint: 'large: reference' })
    expect([at.writes(), log.entries]).toEqual([[], []])
    const { outcome, recorded } = await at.attest(inputs, { ports })
    expect(recorded.lines.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining('kept beside the image')])
    const [attestation] = outcome.record.attestations ?? []
    const document = await findManifest(at.scene.repository, attestation?.document ?? '')
    expect(document?.content).toMatchObject({
      manifest: { artifactType: 'application/vnd.cyclonedx+json', subject: { digest: at.index.descriptor.digest } },
    })
    const json = JSON.stringify(cyclonedx)
    expect(await at.statements()).toMatchObject([
      {
        predicateType: 'https://in-toto.io/attestation/reference/v0.1',
        predicate: {
          references: [
            {
              digest: { sha256: sha256(json).slice(7) },
              downloadLocation: `oci://${at.name}@${attestation?.document}`,
              mediaType: 'application/vnd.cyclonedx+json',
            },
          ],
        },
      },
    ])
    at.scene.registry.log.length = 0
    expect((await at.attest(inputs, { ports })).outcome.headline).toContain('all there already')
    expect(at.writes()).toEqual([])
  })

  test('of version 2 has no such limit: it gets a hash', async () => {
    const log = fakeRekor2(rekor, at.scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const config = { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' }
    const service = (url: string, majorApiVersion: number) => ({
      url,
      majorApiVersion,
      operator: '',
      validFor: { start: '2020-01-01T00:00:00Z' },
    })
    at.put('signing.json', {
      ...config,
      rekorTlogUrls: [service(rekor, 2)],
      rekorTlogConfig: { selector: 'ANY' },
      tsaUrls: [service('https://tsa.example.com', 1)],
    })
    const inputs = only('cyclonedx=sbom.json', {
      'transparency-log': 'true',
      'signing-config': 'signing.json',
      'log-limit': '20',
      large: 'refuse',
      timeout: '1s',
    })
    // Nobody gives the time here: what matters is that the size was not refused.
    expect((await at.attest(inputs, { ports: { http: cloud.http, clock } })).outcome.failure).not.toMatchObject({
      code: 'SW-ATTEST-TOO-LARGE',
    })
  })
})
