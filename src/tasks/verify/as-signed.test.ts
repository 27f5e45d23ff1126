import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { childrenOf } from '../../domain/oci/schema.ts'
import { type Descriptor, mediaTypes } from '../../domain/oci/types.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { asSigned } from './as-signed.ts'
import { index, keys, scene, start, stop, verify } from './scene.fake.ts'

beforeAll(start)
afterAll(stop)

describe('as signed in this run: whom to trust, and what to want, is what the record has', () => {
  const pem = (by: keyof typeof keys): string => keys[by].publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const digest = sha256('any')
  const recorded = (image: string, by: readonly (keyof typeof keys)[], more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
    ...emptyRecord,
    subject: { digest: index.descriptor.digest, mediaType: mediaTypes.index, layout: '.slipway/layout', platforms: [] },
    pushes: [{ image, digest: index.descriptor.digest, tags: [] }],
    signatures: by.map((one) => ({
      ...{ subject: index.descriptor.digest, image, format: 'bundle', digest: index.descriptor.digest },
      ...{ identity: `key ${one}`, publicKey: pem(one) },
    })),
    ...more,
  })

  test('passes, and says that nobody gave a policy', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ 'as-signed': 'true' }, recorded(name, ['own']))
    expect(outcome.failure).toBeUndefined()
    expect(outcome.outputs.get('image')).toBe(`${name}@${index.descriptor.digest}`)
    expect(outcome.headline).toContain('as signed in this run, by no policy')
    expect(JSON.stringify(outcome.summary)).toContain('No policy is given: trusted is exactly who signed in this run')
    expect(JSON.stringify(outcome.summary)).toContain('--key .slipway/outputs/sign/public-key')
  })

  test.each<[string, readonly (keyof typeof keys)[], readonly (keyof typeof keys)[], Partial<ReleaseRecord>]>([
    ['another key signed than the record says', ['stranger'], ['own'], {}],
    ['of two that signed one is missing', ['own'], ['own', 'large'], {}],
    ['nothing is there', [], ['own'], {}],
    [
      'an attestation that the run wrote is not there',
      ['own'],
      ['own'],
      { attestations: [{ subject: digest, image: 'HERE', predicateType: 'https://slsa.dev/provenance/v1', digest }] },
    ],
  ])('refuses when %s', async (_, there, written, more) => {
    const { name, bundle } = await scene()
    for (const by of there) await bundle(by)
    const attestations = more.attestations?.map((one) => ({ ...one, image: name, subject: index.descriptor.digest }))
    const record = recorded(name, written, attestations === undefined ? {} : { attestations })
    expect((await verify({ 'as-signed': 'true' }, record)).failure).toMatchObject({ code: 'SW-VERIFY-REFUSED', exit: 3 })
  })

  describe('a platform that the run has signed as well', () => {
    let platform: Descriptor | undefined
    beforeAll(() => {
      platform = childrenOf(index.content)[0]
    })
    const both = (image: string): ReleaseRecord => {
      const record = recorded(image, ['own'])
      const [signature] = record.signatures ?? []
      if (platform === undefined || signature === undefined) throw new Error('the index has no platform')
      return { ...record, signatures: [signature, { ...signature, subject: platform.digest }] }
    }

    test('is verified with the image', async () => {
      const { name, bundle } = await scene()
      await bundle('own')
      if (platform !== undefined) await bundle('own', { subject: platform })
      const outcome = await verify({ 'as-signed': 'true' }, both(name))
      expect([outcome.failure, outcome.headline]).toEqual([undefined, expect.stringContaining('2 manifests')])
      expect(outcome.record.verifications?.map(({ subject, verdict }) => [subject, verdict])).toEqual([
        [index.descriptor.digest, 'pass'],
        [platform?.digest, 'pass'],
      ])
    })

    test('refuses the image where its signature is not there', async () => {
      const { name, bundle } = await scene()
      await bundle('own')
      const outcome = await verify({ 'as-signed': 'true' }, both(name))
      expect(outcome.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
      expect(outcome.record.verifications?.map(({ verdict, reasons }) => [verdict, reasons])).toEqual([
        ['fail', ['missing: signature']],
        ['fail', ['missing: signature']],
      ])
    })
  })

  test('counts only where neither a policy nor a signer is given', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ 'as-signed': 'true', key: 'stranger.pub' }, recorded(name, ['own']))
    expect(outcome.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
  })

  test.each<[string, string, Record<string, Raw>, (name: string) => ReleaseRecord]>([
    ['without a signature in the record', 'SW-VERIFY-POLICY-EMPTY', { 'as-signed': 'true' }, (name) => recorded(name, [])],
    [
      'with the signature of another repository',
      'SW-VERIFY-POLICY-EMPTY',
      { 'as-signed': 'true', image: 'HERE' },
      () => recorded('r/x', ['own']),
    ],
    ['unless asked for', 'SW-VERIFY-POLICY-EMPTY', {}, (name) => recorded(name, ['own'])],
    [
      'without a trusted root, for what is in a log',
      'SW-VERIFY-POLICY-INVALID',
      { 'as-signed': 'true' },
      (name) => {
        const record = recorded(name, ['own'])
        return { ...record, signatures: (record.signatures ?? []).map((one) => ({ ...one, log: '1' })) }
      },
    ],
    ['without a push in the record', 'SW-VERIFY-UNNAMED', { 'as-signed': 'true' }, (name) => recorded(name, ['own'], { pushes: [] })],
  ])('is no policy %s', async (_, code, { image, ...inputs }, record) => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ ...inputs, ...(image === undefined ? {} : { image: name }) }, record(name))
    expect(outcome.failure).toMatchObject({ code, exit: 2 })
  })
})

describe('signatures by identity', () => {
  const digest = sha256('any')
  const by = { subject: digest, image: 'a/b', format: 'bundle', digest, identity: 'me', issuer: 'https://issuer.test' }

  test.each([
    [
      'of the public Sigstore',
      { log: '7', authority: 'https://fulcio.sigstore.dev', logs: ['https://rekor.sigstore.dev'] },
      { log: 'always' },
    ],
    ['of GitHub’s own', { authority: 'https://fulcio.githubapp.com', logs: [] }, { log: 'never', root: 'sigstore:github' }],
    ['of another without a log', { authority: 'https://fulcio.test', logs: [] }, { log: 'never' }],
    ['found again, in a log whose index they do not tell', { authority: 'https://fulcio.test', logs: ['https://rekor.test'] }, {}],
    ['recorded before that was', {}, {}],
  ])('%s are looked for where they are', (_, vouching, expected) => {
    const { log, root } = asSigned({ signatures: [{ ...by, ...vouching }], attestations: [] })
    expect({ ...(log && { log }), ...(root && { root }) }).toEqual(expected)
  })
})
