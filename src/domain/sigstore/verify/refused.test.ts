import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../base/digest.ts'
import { publicKeyOf } from '../keys/public-key.ts'
import type { Attached } from './attached.ts'
import { isTrusted, judge } from './judge.ts'
import { of, patterned, ruled, verdict } from './judging.fake.ts'
import type { Policy } from './policy.ts'
import { after, bundle, changed, flipped, image, keyed, keyless, legacy, recorded, release, root, subject } from './real.fake.ts'
import type { ReasonCode } from './reasons.ts'

const entriesOf = (name: string): unknown => JSON.parse(recorded(name).toString()).verificationMaterial.tlogEntries
const otherKey: Policy = {
  ...keyed,
  signers: [
    { kind: 'key', name: 'other.pub', key: publicKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, 'other.pub') },
  ],
}
const material = 'verificationMaterial'
const entry = `${material}.tlogEntries.0`
const payload = 'dsseEnvelope.payload'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const said =
  (over: object): (() => string) =>
  () =>
    base64(
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: image.slice(7) } }],
        predicateType: 'https://sigstore.dev/cosign/sign/v1',
        ...over,
      }),
    )
const first = (list: unknown): unknown => [Reflect.get(Object(list), 0), Reflect.get(Object(list), 0)]
const other = sha256('another image')
const stampOf = (name: string): unknown => JSON.parse(recorded(name).toString()).verificationMaterial.timestampVerificationData
const without = (part: keyof typeof root.material): Policy => ({
  ...keyless,
  roots: [{ ...root, material: { ...root.material, [part]: [] } }],
})
const retired = (part: 'tlogs' | 'certificateAuthorities'): Policy => {
  const validFor = { start: new Date(0), end: new Date('2026-01-01') }
  return {
    ...keyless,
    roots: [{ ...root, material: { ...root.material, [part]: root.material[part].map((one) => ({ ...one, validFor })) } }],
  }
}

describe('refused, each with its reason', () => {
  test.each<[ReasonCode, string, Attached, Policy]>([
    ['unreadable', 'no JSON', bundle(Buffer.from('junk')), keyed],
    ['unreadable', 'no bundle', bundle(Buffer.from('{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}')), keyed],
    ['unreadable', 'bytes that are not UTF-8', bundle(Buffer.from([0x22, 0xff, 0x22])), keyed],
    ['unreadable', 'a thousand levels', bundle(Buffer.from('['.repeat(1000) + ']'.repeat(1000))), keyed],
    ['unreadable', 'a certificate that is none', changed('rekor-v2.json', `${material}.certificate.rawBytes`, () => 'AAAA'), keyless],
    [
      'duplicate-keys',
      'a bundle with two envelopes',
      bundle(Buffer.from(recorded('key.json').toString().replace('{', '{"dsseEnvelope":{},'))),
      keyed,
    ],
    [
      'duplicate-keys',
      'a statement with two subjects',
      changed('key.json', payload, () =>
        base64('{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p","\\u0073ubject":[]}'),
      ),
      keyed,
    ],
    ['payload-type', 'an envelope of something else', changed('key.json', 'dsseEnvelope.payloadType', () => 'text/plain'), keyed],
    [
      'statement-invalid',
      'a statement of an unknown version',
      changed('key.json', payload, said({ _type: 'https://in-toto.io/Statement/v9' })),
      keyed,
    ],
    ['statement-invalid', 'a statement about nothing', changed('key.json', payload, said({ subject: [] })), keyed],
    ['signature-invalid', 'a flipped bit of the signature', changed('key.json', 'dsseEnvelope.signatures.0.sig', flipped), keyed],
    ['signature-invalid', 'a word more in the statement', changed('key.json', payload, said({ predicate: { more: 1 } })), keyed],
    ['key-mismatch', 'another key', changed('key.json', `${material}.publicKey.hint`, () => 'AAAA'), otherKey],
    ['no-rule', 'a key where the policy trusts identities', of('key.json'), keyless],
    ['no-rule', 'a certificate where the policy trusts keys', of('rekor-v2.json'), keyed],
    ['certificate-expired', 'a certificate used after its ten minutes', of('expired.json'), keyless],
    ['certificate-untrusted', 'a root that knows no authority', of('rekor-v2.json'), without('certificateAuthorities')],
    ['certificate-untrusted', 'an authority that had ended', of('rekor-v2.json'), retired('certificateAuthorities')],
    ['certificate-usage', 'a certificate for a server', of('server-certificate.json'), keyless],
    ['sct-missing', 'a certificate that was issued past the log', of('no-sct.json'), keyless],
    ['sct-invalid', 'a root that knows no certificate log', of('rekor-v2.json'), without('ctlogs')],
    ['timestamp-missing', 'no time stamp', changed('rekor-v2.json', `${material}.timestampVerificationData`, () => undefined), keyless],
    [
      'timestamp-invalid',
      'the time stamp of another',
      changed('rekor-v2.json', `${material}.timestampVerificationData`, () => stampOf('main-evil.json')),
      keyless,
    ],
    ['timestamp-invalid', 'a root that knows no timestamp authority', of('rekor-v2.json'), without('timestampAuthorities')],
    ['log-missing', 'no entry', changed('rekor-v2.json', `${material}.tlogEntries`, () => []), keyless],
    ['log-missing', 'no entry, where a key needs one too', of('key.json'), { ...keyed, roots: [root], log: 'always' }],
    ['log-unknown', 'no root, where a key needs an entry', of('key.json'), { ...keyed, log: 'always' }],
    ['log-unknown', 'a root that knows no log', of('rekor-v2.json'), without('tlogs')],
    ['log-unknown', 'a log that was retired before', of('rekor-v2.json'), retired('tlogs')],
    ['log-proof-invalid', 'a truncated proof', changed('rekor-v2.json', `${entry}.inclusionProof.hashes`, () => []), keyless],
    [
      'log-proof-invalid',
      'a checkpoint without its signature',
      changed('rekor-v2.json', `${entry}.inclusionProof.checkpoint.envelope`, (note) => String(note).split('\n\n')[0]),
      keyless,
    ],
    [
      'log-promise-invalid',
      'a flipped bit of the promise',
      changed('rekor-v1.json', `${entry}.inclusionPromise.signedEntryTimestamp`, flipped),
      keyless,
    ],
    [
      'log-entry-mismatch',
      'the entry of another',
      changed('rekor-v2.json', `${material}.tlogEntries`, () => entriesOf('main-evil.json')),
      keyless,
    ],
    ['log-entry-duplicate', 'an entry twice', changed('rekor-v2.json', `${material}.tlogEntries`, first), keyless],
    [
      'too-many',
      'eleven entries',
      changed('rekor-v2.json', `${material}.tlogEntries`, (list) => Array(11).fill(Reflect.get(Object(list), 0))),
      keyless,
    ],
    ['identity-mismatch', 'main-evil, where main is trusted', of('main-evil.json'), keyless],
    [
      'identity-mismatch',
      'a dot that stands for itself',
      of('rekor-v2.json'),
      ruled({ identity: String(release.identity).replace('release.yml', 'release_yml') }),
    ],
    ['identity-mismatch', 'a prefix', of('rekor-v2.json'), ruled({ identity: 'https://github.com/acme/app' })],
    [
      'identity-mismatch',
      'an expression for its beginning',
      of('main-evil.json'),
      patterned('https://github\\.com/acme/app/.+@refs/heads/main'),
    ],
    ['issuer-mismatch', 'another issuer', of('rekor-v2.json'), ruled({ issuer: 'http://127.0.0.1:45069' })],
    ['repository-mismatch', 'another repository', of('rekor-v2.json'), ruled({ repository: 'acme/app2' })],
    ['workflow-mismatch', 'another workflow', of('rekor-v2.json'), ruled({ workflow: '.github/workflows/ci.yml' })],
    ['ref-mismatch', 'a tag, where a branch signed', of('rekor-v2.json'), ruled({ ref: 'refs/tags/*' })],
    ['ref-mismatch', 'main-evil', of('main-evil.json'), { ...ruled({ ref: 'refs/heads/main' }) }],
    ['trigger-mismatch', 'a pull request', of('rekor-v2.json'), ruled({ trigger: 'pull_request' })],
    ['runner-mismatch', 'a self-hosted runner', of('rekor-v2.json'), ruled({ runner: 'self-hosted' })],
    ['too-old', 'a signature of half an hour ago', of('rekor-v2.json'), { ...keyless, maxAge: 1_800_000 }],
    ['time-unknown', 'a key without time, where the age matters', of('key.json'), { ...keyed, maxAge: 1_800_000 }],
    [
      'reference-mismatch',
      'a .sig of another repository',
      legacy('key-sig.json'),
      { ...keyed, reference: 'registry.example.com/team/app' },
    ],
    ['reference-missing', 'a bundle, which names none', of('key.json'), { ...keyed, reference: '127.0.0.1:45075/team/keyed' }],
    [
      'unreadable',
      'a .sig without signature',
      legacy('key-sig.json', { 'dev.cosignproject.cosign/signature': '', 'dev.sigstore.cosign/bundle': '[]' }),
      keyed,
    ],
    ['key-mismatch', 'a .sig by another key', legacy('key-sig.json'), otherKey],
    [
      'timestamp-missing',
      'a .sig with a certificate and no entry',
      legacy('legacy-sig.json', { 'dev.sigstore.cosign/bundle': '' }),
      keyless,
    ],
    [
      'not-sigstore',
      'an SBOM that is no attestation',
      { ...of('key.json'), format: 'other', type: 'application/vnd.cyclonedx+json' },
      keyed,
    ],
  ])('%s: %s', (code, _, attached, policy) => {
    expect(verdict([attached], policy)).toEqual([false, [code]])
  })

  test.each([
    ['a bundle', of('key.json')],
    ['a .sig', legacy('key-sig.json')],
  ])('subject-mismatch: %s of another image', (_, attached) => {
    expect(verdict([attached], keyed, other)).toEqual([false, ['subject-mismatch']])
  })

  test('predicate-type: an image that has an SBOM and no signature', () => {
    const judgement = judge(subject, [of('sbom.json')], { policy: keyless, now: after })
    expect(isTrusted(judgement)).toBe(false)
    expect(judgement.demands[0]?.reasons.map(({ code }) => code)).toEqual(['predicate-type'])
  })

  test('nothing at all', () => expect(verdict([], keyless)).toEqual([false, []]))
})
