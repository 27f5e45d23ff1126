import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import { attestationTag } from '../../domain/sigstore/attest/attach-attestation-tag.ts'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import type { Outcome } from '../../spec/execute.ts'
import { type Attesting, cyclonedx, only, openAttesting, pair, password, publicKey, review } from './attesting.fake.ts'

let at: Attesting
beforeEach(async () => {
  at = await openAttesting()
})
afterEach(() => at.scene.close())

const outputsOf = ({ outputs }: Outcome) => Object.fromEntries(outputs)

describe('an attestation', () => {
  test('is an in-toto statement about the image, in a bundle that refers to it and tells its type', async () => {
    const { outcome } = await at.attest(only('cyclonedx=sbom.json'))
    const { mediaType, digest, size } = at.index.descriptor
    const [referrer, ...more] = await listReferrers(at.scene.repository, digest)
    if (referrer === undefined) throw new Error('nothing refers to it')
    expect(more).toEqual([])
    expect(await at.manifestOf(referrer)).toMatchObject({
      artifactType: bundleMediaType,
      subject: { mediaType, digest, size },
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': 'https://cyclonedx.org/bom',
        'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-.*Z$/),
      },
    })
    expect(await at.statements()).toEqual([
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: at.name, digest: { sha256: digest.slice(7) } }],
        predicateType: 'https://cyclonedx.org/bom',
        predicate: cyclonedx,
      },
    ])
    expect(outputsOf(outcome)).toMatchObject({
      attested: '1',
      types: 'https://cyclonedx.org/bom',
      signer: `key ${publicKey.hint.slice(0, 8)}`,
      digests: sha256(`https://cyclonedx.org/bom ${at.name}@${digest} ${referrer.digest}\n`),
    })
    expect(outcome.record.attestations).toEqual([
      {
        subject: digest,
        image: at.name,
        predicateType: 'https://cyclonedx.org/bom',
        format: 'bundle',
        digest: referrer.digest,
        identity: `key ${publicKey.hint.slice(0, 8)}`,
      },
    ])
  })

  test('under .att is the envelope itself, with its type beside it, and those of others stay', async () => {
    await at.attest(only('cyclonedx=sbom.json', { format: 'legacy' }))
    const before = await at.manifestOf(attestationTag(at.index.descriptor.digest))
    const { outcome } = await at.attest(only(`cyclonedx=sbom.json\n${review}=review.json`, { format: 'legacy' }))
    const { layers } = await at.manifestOf(attestationTag(at.index.descriptor.digest))
    expect(layers.slice(0, 1)).toEqual(before.layers)
    expect(layers.map(({ mediaType, annotations }) => [mediaType, annotations])).toEqual([
      ['application/vnd.dsse.envelope.v1+json', { 'dev.cosignproject.cosign/signature': '', predicateType: 'https://cyclonedx.org/bom' }],
      ['application/vnd.dsse.envelope.v1+json', { 'dev.cosignproject.cosign/signature': '', predicateType: review }],
    ])
    expect(outcome.record.attestations?.map(({ digest }) => digest)).toEqual(layers.map(({ digest }) => digest))
  })

  test.each(['bundle', 'legacy', 'both'])('is written once (%s)', async (format) => {
    const inputs = only(`cyclonedx=sbom.json\n${review}=review.json`, { format })
    const { outcome: first } = await at.attest(inputs)
    at.scene.registry.log.length = 0
    const { outcome } = await at.attest(inputs)
    expect(outcome.headline).toContain('all there already')
    expect(at.writes()).toEqual([])
    expect(outcome.record.attestations).toEqual(first.record.attestations)
    at.put('review.json', { by: 'one' })
    const { outcome: changed } = await at.attest(inputs)
    expect(changed.headline).not.toContain('already')
    expect(changed.record.attestations).toHaveLength(first.record.attestations?.length ?? 0)
  })

  test('goes to each platform when asked to, children first', async () => {
    const { outcome } = await at.attest(only('cyclonedx=sbom.json', { recursive: 'true' }))
    expect(outcome.record.attestations?.map(({ subject }) => subject)).toEqual([
      ...at.children.map(({ digest }) => digest),
      at.index.descriptor.digest,
    ])
  })
})

describe('nothing is sent', () => {
  test.each([
    ['a file that is no JSON', 'cyclonedx=broken.json', {}, 'SW-ATTEST-PREDICATE'],
    ['a file of another type', 'spdxjson=sbom.json', {}, 'SW-ATTEST-PREDICATE'],
    ['a second file that is missing', 'cyclonedx=sbom.json\nvuln=none.json', {}, 'SW-FILE-MISSING'],
    ['a word that is not known', '', { predicates: 'provenence' }, 'SW-ATTEST-PREDICATE'],
    ['nothing to attest', '', { predicates: 'none' }, 'SW-ATTEST-NOTHING'],
    ['what the record has not', '', { predicates: 'test-result' }, 'SW-ATTEST-NOTHING'],
    ['an image by a tag', 'cyclonedx=sbom.json', { image: 'localhost:5000/team/app:1' }, 'SW-SIGN-UNPINNED'],
  ])('for %s', async (_, files, more, code) => {
    at.put('broken.json', '{"bomFormat":"CycloneDX",')
    const { outcome } = await at.attest(only(files, more))
    expect(outcome.failure).toMatchObject({ code, exit: 2 })
    expect(at.scene.registry.log).toEqual([])
  })
})

test('neither the key nor its password leaves the process', async () => {
  const { outcome, recorded } = await at.attest({ files: 'cyclonedx=sbom.json', format: 'both' })
  const { outcome: failed } = await at.attest({ 'key-password': `${password}-wrong` })
  expect(failed.failure).toMatchObject({ code: 'SW-KEY-PASSWORD' })
  const told = JSON.stringify([outcome, failed, String(failed.failure), recorded.lines, at.scene.registry.asked, await at.statements()])
  expect(told).not.toContain(password)
  for (const line of pair.privateKey.split('\n').filter((text) => text.length > 20 && !text.startsWith('--')))
    expect(told).not.toContain(line)
  expect(recorded.masked).toEqual(expect.arrayContaining([password, pair.privateKey]))
})
