import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { signatureStatement } from '../../domain/sigstore/formats/statement.ts'
import type { Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { answers, bundleOf, folder, index, scene, start, stop, verify } from './scene.fake.ts'

beforeAll(start)
afterAll(stop)

describe('a registry that gives other bytes than it has', () => {
  const signed = async (change: (bytes: Buffer) => Buffer): Promise<Outcome> => {
    const { name, bundle } = await scene()
    const bytes = bundleOf('plain', signatureStatement(index.descriptor.digest))
    await bundle('plain')
    answers.clear()
    answers.set(sha256(bytes), change(bytes))
    return verify({ image: `${name}:1`, key: 'plain.pub' })
  }

  test('by one bit: the image is refused', async () => {
    const outcome = await signed((bytes) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]))
    expect(outcome.failure).toMatchObject({ exit: 3, message: expect.stringContaining('SW-DIGEST-MISMATCH') })
  })

  test('cut: it could not be found out, and may be another time', async () => {
    const outcome = await signed((bytes) => bytes.subarray(0, 10))
    expect(outcome.failure).toMatchObject({ exit: 6, retryable: true })
    expect(outcome.record.verifications).toBeUndefined()
  })
})

describe('what could not be found out has another exit code', () => {
  test.each<[string, number, Record<string, Raw>]>([
    ['SW-VERIFY-POLICY-EMPTY', 2, {}],
    ['SW-VERIFY-POLICY-EMPTY', 2, { policy: 'empty.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'misspelt.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'twice.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'anybody.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'lost.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'three-of-one.yaml' }],
    [
      'SW-VERIFY-POLICY-INVALID',
      2,
      { identity: 'me@example.com', issuer: 'https://issuer.example.com', 'trusted-root': 'sigstore:nobody' },
    ],
    ['SW-VERIFY-POLICY-INVALID', 2, { identity: 'me@example.com', issuer: 'https://issuer.example.com', 'trusted-root': 'sigstore:tuf' }],
    [
      'SW-TUF-UNAVAILABLE',
      4,
      { identity: 'me@example.com', issuer: 'https://issuer.example.com', 'trusted-root': 'sigstore:github', offline: 'true' },
    ],
    ['SW-VERIFY-POLICY-INVALID', 2, { 'identity-regexp': '.*', issuer: 'https://issuer.example.com' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { 'identity-regexp': '(?=a)b', issuer: 'https://issuer.example.com' }],
    ['SW-TRUST-ROOT-INVALID', 2, { key: 'own.pub', 'trusted-root': 'own.pub' }],
    ['SW-INPUT-INVALID', 2, { identity: 'me@example.com' }],
    ['SW-INPUT-INVALID', 2, { key: 'own.pub', policy: 'empty.yaml' }],
    ['SW-INPUT-INVALID', 2, { log: 'always', policy: 'empty.yaml' }],
    ['SW-FILE-MISSING', 2, { policy: 'nowhere.yaml' }],
    ['SW-FILE-MISSING', 2, { key: 'own.pub', 'trusted-root': 'nowhere.json' }],
    ['SW-KEY-MISSING', 2, { key: 'nowhere.pub' }],
    ['SW-MANIFEST-MISSING', 2, { key: 'own.pub', image: 'HERE:unknown' }],
    ['SW-VERIFY-UNNAMED', 2, { key: 'own.pub', image: 'HERE' }],
  ])('%s, exit %d: %j', async (code, exit, inputs) => {
    const { name } = await scene()
    writeFileSync(join(folder, 'empty.yaml'), 'signers: []\n')
    writeFileSync(join(folder, 'misspelt.yaml'), 'signers:\n  - kye: own.pub\n')
    writeFileSync(join(folder, 'twice.yaml'), 'signers:\n  - key: own.pub\nsigners:\n  - key: stranger.pub\n')
    writeFileSync(join(folder, 'anybody.yaml'), 'signers:\n  - issuer: https://issuer.example.com\n    runner: github-hosted\n')
    writeFileSync(join(folder, 'lost.yaml'), 'signers:\n  - key: own.pub\nannotations: { constructor: someone }\n')
    writeFileSync(join(folder, 'three-of-one.yaml'), 'signers:\n  - key: own.pub\nthreshold: 3\n')
    const { image = 'HERE:1', ...rest } = inputs
    const outcome = await verify({ image: String(image).replace('HERE', name), ...rest })
    expect(outcome.failure).toMatchObject({ code, exit })
    expect(outcome.record.verifications).toBeUndefined()
  })
})
