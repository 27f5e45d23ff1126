/** A log of one entry, made here, since no real one lets us log another's signature under our key. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { publicKeyOf } from '../keys/public-key.ts'
import { preAuthEncoding } from './evidence.ts'
import { judge } from './judge.ts'
import type { Policy } from './policy.ts'
import { after, bundle, image, root, subject } from './real.fake.ts'

const log = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const hash = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const logId = hash(spki(log.publicKey))
const validFor = { start: new Date(0), end: new Date('2100-01-01') }
const ours = {
  name: 'ours',
  material: { ...root.material, tlogs: [{ baseURL: 'https://log.test', logID: logId, publicKey: log.publicKey, validFor }] },
}

const type = 'application/vnd.in-toto+json'
const payload = Buffer.from(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: image.slice(7) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  }),
)

/** A bundle by a key, with an entry in the log that names a key. */
function logged(curve: string, algorithm: string, named?: KeyObject) {
  const pair = generateKeyPairSync('ec', { namedCurve: curve })
  const signed = preAuthEncoding(type, payload)
  const signature = sign(algorithm, signed, pair.privateKey)
  const digest = createHash(algorithm).update(signed).digest('base64')
  const verifier = { publicKey: { rawBytes: spki(named ?? pair.publicKey).toString('base64') }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' }
  const data = { algorithm: algorithm === 'sha384' ? 'SHA2_384' : 'SHA2_256', digest }
  const spec = { hashedRekordV002: { data, signature: { content: signature.toString('base64'), verifier } } }
  const body = Buffer.from(JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec }))
  const leaf = hash(Buffer.from([0]), body)
  const note = `log.test\n1\n${leaf.toString('base64')}\n`
  const mark = Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(note), log.privateKey)]).toString('base64')
  const entry = {
    logIndex: '0',
    logId: { keyId: logId.toString('base64') },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    integratedTime: '0',
    inclusionProof: {
      logIndex: '0',
      rootHash: leaf.toString('base64'),
      treeSize: '1',
      hashes: [],
      checkpoint: { envelope: `${note}\n— log.test ${mark}\n` },
    },
    canonicalizedBody: body.toString('base64'),
  }
  const attached = bundle(
    Buffer.from(
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { publicKey: { hint: 'any' }, tlogEntries: [entry] },
        dsseEnvelope: { payload: payload.toString('base64'), payloadType: type, signatures: [{ sig: signature.toString('base64') }] },
      }),
    ),
  )
  const policy: Policy = {
    signers: [{ kind: 'key', name: 'own', key: publicKeyOf(pair.publicKey, 'own') }],
    roots: [ours],
    threshold: 1,
    log: 'always',
    require: [],
  }
  return judge(subject, [attached], { policy, now: after }).findings[0]
}

describe('an entry in a log', () => {
  test.each([
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
  ])('proves a signature by a key of %s', (curve, algorithm) => {
    expect(logged(curve, algorithm)).not.toHaveProperty('reason')
    expect(logged(curve, algorithm)).toMatchObject({ proof: { log: { name: 'https://log.test', index: '0' } } })
  })

  test('that names another key is refused', () => {
    expect(logged('P-256', 'sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)?.reason?.code).toBe('log-entry-key')
  })
})
