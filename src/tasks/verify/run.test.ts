import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { childrenOf } from '../../domain/oci/schema.ts'
import { mediaTypes } from '../../domain/oci/types.ts'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import { signatureTag, simpleSigningMediaType } from '../../domain/sigstore/formats/simple-signing.ts'
import { signatureStatement } from '../../domain/sigstore/formats/statement.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { asked, bundleOf, folder, index, plainly, scene, start, statementOf, stop, verify } from './scene.fake.ts'

beforeAll(start)
afterAll(stop)

describe('an image is verified', () => {
  test.each(['own', 'large', 'plain'] as const)('by a bundle of the key %s, and nothing is written to the registry', async (by) => {
    const { name, bundle } = await scene()
    await bundle(by)
    asked.length = 0
    const outcome = await verify({ image: `${name}:1`, key: `${by}.pub` })
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toMatchObject({
      image: `${name}@${index.descriptor.digest}`,
      verdict: 'pass',
      signer: expect.stringMatching(/^key /),
    })
    expect(outcome.record.verifications).toEqual([
      { subject: index.descriptor.digest, image: name, policy: outcome.outputs.get('policy'), verdict: 'pass', reasons: [] },
    ])
    expect(asked.filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })

  test('by a .sig, of the digest that the build left in the record', async () => {
    const { name, legacy } = await scene()
    await legacy('own')
    const subject = { digest: index.descriptor.digest, mediaType: mediaTypes.index, layout: '.slipway/layout', platforms: [] }
    const outcome = await verify({ image: name, key: 'own.pub', 'docker-reference': name }, { ...emptyRecord, subject })
    expect(outcome.outputs.get('verdict')).toBe('pass')
  })

  test('beside what is strange, cut or by others', async () => {
    const { name, bundle, attach } = await scene()
    await attach([{ bytes: Buffer.from('junk'), mediaType: bundleMediaType }], { artifactType: bundleMediaType })
    await attach([], { artifactType: bundleMediaType })
    await attach([{ bytes: Buffer.from('{}'), mediaType: 'application/jose+json' }], {
      artifactType: 'application/vnd.cncf.notary.signature',
    })
    await attach([{ bytes: Buffer.from('{"payloadType":1}'), mediaType: 'application/vnd.dsse.envelope.v1+json' }], {
      tag: signatureTag(index.descriptor.digest).replace('.sig', '.att'),
    })
    await bundle('stranger')
    await bundle('own')
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    const report = JSON.parse(outcome.files?.get('report') ?? '{}')
    expect(outcome.failure).toBeUndefined()
    expect(report.manifests[0].attached.map((one: { reason?: { code: string } }) => one.reason?.code ?? 'trusted').sort()).toEqual([
      'key-mismatch',
      'trusted',
      'unreadable',
      'unreadable',
      'unreadable',
      'unreadable',
    ])
  })

  test.each([
    ['too-large', 'a bundle of 17 MiB', Array.from({ length: 1 }, () => Buffer.alloc(17 * 2 ** 20)), bundleMediaType],
    ['too-large', 'five bundles of 15 MiB', Array.from({ length: 5 }, (_, place) => Buffer.alloc(15 * 2 ** 20, place)), bundleMediaType],
    ['too-many', '101 signatures under one tag', Array.from({ length: 101 }, () => Buffer.from('{}')), simpleSigningMediaType],
  ])(
    '%s: %s does not keep a good one from counting',
    async (code, _, layers, mediaType) => {
      const { name, bundle, attach } = await scene()
      const where = mediaType === bundleMediaType ? { artifactType: bundleMediaType } : { tag: signatureTag(index.descriptor.digest) }
      const all = layers.map((bytes) => ({ bytes, mediaType }))
      for (const some of mediaType === bundleMediaType ? all.map((one) => [one]) : [all]) await attach(some, where)
      await bundle('own')
      const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
      expect(outcome.failure).toBeUndefined()
      expect(outcome.files?.get('report')).toContain(`"code": "${code}"`)
    },
    300_000,
  )

  test('too-large: manifests with more to say than is kept do not keep a good one from counting', async () => {
    const { name, bundle, attach } = await scene()
    const annotations = { words: 'w'.repeat(3.9 * 2 ** 20) }
    for (let count = 0; count < 9; count += 1)
      await attach([{ bytes: Buffer.from(`{"${count}":0}`), mediaType: simpleSigningMediaType, annotations }])
    await bundle('own')
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.files?.get('report')).toContain('bytes of manifests')
  }, 300_000)

  test('and what others wrote makes no line of its own', async () => {
    const { name, bundle } = await scene()
    await bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"x\\n  ✓ signature: there","was"') })
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    expect(JSON.stringify(outcome.summary)).toContain('x␊  ✓ signature: there')
  })

  test('with each of its platforms, when asked', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const [child, other] = childrenOf(index.content).map(plainly)
    if (child === undefined || other === undefined) throw new Error('an index has children')
    await bundle('own', { subject: child })
    expect((await verify({ image: `${name}@${child.digest}`, key: 'own.pub' })).failure).toBeUndefined()
    expect((await verify({ image: `${name}:1`, key: 'own.pub', recursive: 'true' })).failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
    await bundle('own', { subject: other })
    expect((await verify({ image: `${name}:1`, key: 'own.pub', recursive: 'true' })).outputs.get('verdict')).toBe('pass')
  })

  test('by a policy file, whose digest does not change with what is attached', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    writeFileSync(join(folder, 'policy.yaml'), 'signers:\n  - key: own.pub\n  - key: stranger.pub\nthreshold: 2\n')
    const one = await verify({ image: `${name}:1`, policy: 'policy.yaml' })
    expect(one.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
    await bundle('stranger')
    const two = await verify({ image: `${name}:1`, policy: 'policy.yaml' })
    expect(two.failure).toBeUndefined()
    expect(two.outputs.get('policy')).toBe(one.outputs.get('policy'))
  })
})

describe('an image is refused, with exit code 3', () => {
  test.each<[string, string, (attach: Awaited<ReturnType<typeof scene>>) => Promise<void>]>([
    ['nothing of the kind', 'unsigned', async () => undefined],
    ['key-mismatch', 'signed by a stranger', ({ bundle }) => bundle('stranger')],
    [
      'subject-mismatch',
      'with the bundle of another image',
      ({ bundle }) => bundle('own', { payload: signatureStatement(sha256('another')) }),
    ],
    [
      'predicate-type',
      'with an SBOM and no signature',
      ({ bundle }) => bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"https://spdx.dev/Document","was"') }),
    ],
    [
      'duplicate-keys',
      'with a statement that has two types',
      ({ bundle }) => bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"x","predicateType"') }),
    ],
    [
      'unreadable',
      'with two bundles in one manifest',
      ({ attach }) => {
        const good = { bytes: bundleOf('own', signatureStatement(index.descriptor.digest)), mediaType: bundleMediaType }
        return attach([good, { ...good, bytes: Buffer.from('{}') }], { artifactType: bundleMediaType })
      },
    ],
    ['reference-mismatch', 'with the .sig of another repository', ({ legacy }) => legacy('own', 'registry.example.com/other')],
  ])('%s: %s', async (code, _, attach) => {
    const at = await scene()
    await attach(at)
    const outcome = await verify({
      image: `${at.name}:1`,
      key: 'own.pub',
      ...(code.startsWith('reference') ? { 'docker-reference': at.name } : {}),
    })
    expect(outcome.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED', exit: 3, message: expect.stringContaining(code) })
    expect(outcome.outputs.get('verdict')).toBe('fail')
    expect(outcome.outputs.get('signer')).toBe('')
    expect(outcome.record.verifications).toEqual([expect.objectContaining({ verdict: 'fail' })])
  })
})
