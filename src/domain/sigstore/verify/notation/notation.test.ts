/** What notation 1.3 signed in the lab, and what somebody made by hand with the same certificates (fixtures/notation.json). */
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../base/digest.ts'
import type { Attached } from '../attached.ts'
import { isTrusted, judge } from '../judge.ts'
import type { NotationRule, Policy } from '../policy.ts'
import { keyed, recorded, subject } from '../real.fake.ts'
import type { ReasonCode } from '../reasons.ts'
import { parseSubjectName } from './subject-name.ts'

const signatures: Readonly<Record<string, string>> = JSON.parse(recorded('notation.json').toString())
/** A moment after all was signed. */
const now = Date.parse('2026-11-22T00:00:00Z')

function signature(name: string, type = 'application/jose+json'): Attached {
  const bytes = Buffer.from(signatures[name] ?? name)
  return { digest: sha256(bytes), from: 'referrer', format: 'notation', type, bytes, annotations: {} }
}

function rule(text = 'C=US, ST=WA, O=acme', file = 'notation-ca.pem'): NotationRule {
  const authorities = [new X509Certificate(recorded(file))]
  return { kind: 'notation', name: file, authorities, subject: parseSubjectName(text) ?? [], text }
}

const policy: Policy = { ...keyed, signers: [rule()] }
const judged = (attached: Attached, given = policy, at = now) => judge(subject, [attached], { policy: given, now: at })
const outcome = (attached: Attached, given?: Policy, at?: number): string =>
  judged(attached, given, at).findings[0]?.reason?.code ?? 'trusted'

test.each(['p256', 'p384', 'p521', 'rsa2048', 'rsa3072', 'rsa4096', 'deep', 'expiring', 'by hand'])(
  'what notation signs is trusted: %s',
  (name) => {
    expect(outcome(signature(name))).toBe('trusted')
    expect(isTrusted(judged(signature(name)))).toBe(true)
  },
)

test('who signed is told by subject and thumbprint, and no time is vouched for', () => {
  const thumbprint = '9b4d0643964b7d15f413e7f068c383b00f24725d0e2cb14ee898aafd3a27c184'
  expect(judged(signature('p256')).findings[0]?.proof).toEqual({
    signer: { certificate: { subject: 'C=US, ST=WA, O=acme, CN=release', thumbprint } },
    times: [],
  })
})

describe('refused, each with its reason', () => {
  test.each<[ReasonCode, string]>([
    ['unreadable', '{}'],
    ['unreadable', 'no JSON'],
    ['unreadable', 'no crit'],
    ['unreadable', 'no time'],
    ['unreadable', 'no target'],
    ['critical-header', 'unknown critical'],
    ['critical-header', 'critical and absent'],
    ['critical-header', 'critical twice'],
    ['critical-header', 'scheme not critical'],
    ['critical-header', 'expiry not critical'],
    ['notation-scheme', 'signing authority'],
    ['payload-type', 'other content'],
    ['algorithm-mismatch', 'other algorithm'],
    ['algorithm-mismatch', 'none'],
    ['algorithm-mismatch', 'symmetric'],
    ['signature-expired', 'expired'],
    ['signing-time', 'later'],
    ['certificate-expired', 'before the certificate'],
    ['subject-mismatch', 'other image'],
    ['subject-mismatch', 'other size'],
    ['subject-mismatch', 'other type'],
    ['certificate-chain', 'no root'],
    ['certificate-chain', 'another root'],
    ['certificate-chain', 'unrelated certificate'],
    ['certificate-chain', 'sha1'],
    ['signature-invalid', 'wrong order'],
    ['certificate-usage', 'server'],
    ['certificate-usage', 'encipherment'],
    ['certificate-usage', 'an authority signs'],
    ['certificate-usage', 'usage not critical'],
    ['certificate-usage', 'issued by no authority'],
    ['certificate-usage', 'path too long'],
  ])('%s: %s', (code, name) => expect(outcome(signature(name))).toBe(code))

  test.each<[ReasonCode, string, Attached, Policy, number]>([
    ['notation-cose', 'COSE', signature('cose', 'application/cose'), policy, now],
    ['no-rule', 'where the policy does not ask for Notation', signature('p256'), keyed, now],
    [
      'certificate-untrusted',
      'another authority of the same name',
      signature('p256'),
      { ...keyed, signers: [rule('*', 'notation-other-ca.pem')] },
      now,
    ],
    ['identity-mismatch', 'another organisation', signature('p256'), { ...keyed, signers: [rule('C=US, ST=WA, O=acme2')] }, now],
    ['identity-mismatch', 'a part that is not there', signature('p256'), { ...keyed, signers: [rule('O=acme, OU=x')] }, now],
    ['certificate-expired', 'a certificate that has ended since', signature('short'), policy, Date.parse('2026-12-24T00:00:00Z')],
    ['signature-expired', 'after the expiry', signature('expiring'), policy, Date.parse('2026-11-23T00:00:00Z')],
    ['time-unknown', 'where the age matters', signature('p256'), { ...policy, maxAge: 1e12 }, now],
    [
      'reference-missing',
      'where it has to name a repository',
      signature('p256'),
      { ...policy, reference: 'registry.example.com/app' },
      now,
    ],
    ['annotation-mismatch', 'other metadata', signature('expiring'), { ...policy, annotations: { buildId: '124' } }, now],
  ])('%s: %s', (code, _, attached, given, at) => expect(outcome(attached, given, at)).toBe(code))

  test('a key named twice, in the envelope or in what is signed', () => {
    expect(outcome(signature(String(signatures['p256']).replace('{', '{"payload":"e30",')))).toBe('duplicate-keys')
  })

  test('any bit of the three signed parts', () => {
    const parts: Record<string, unknown> = JSON.parse(signatures['p256'] ?? '')
    for (const part of ['payload', 'protected', 'signature']) {
      const bytes = Buffer.from(String(parts[part]), 'base64url')
      for (const at of bytes.keys()) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 1
        expect(outcome(signature(JSON.stringify({ ...parts, [part]: changed.toString('base64url') })))).not.toBe('trusted')
      }
    }
  })
})

test('user metadata of Notation are annotations', () => {
  expect(outcome(signature('expiring'), { ...policy, annotations: { buildId: '123' } })).toBe('trusted')
})

test('it does not count for a key or an identity, nor those for it', () => {
  const both: Policy = { ...policy, signers: [rule(), ...keyed.signers], threshold: 2 }
  expect(isTrusted(judged(signature('p256'), both))).toBe(false)
})

test.each([
  [
    'C=US, ST=WA, O=acme',
    [
      ['C', 'US'],
      ['ST', 'WA'],
      ['O', 'acme'],
    ],
  ],
  [
    'x509.subject: O=acme\\, inc.,CN=a=b',
    [
      ['O', 'acme, inc.'],
      ['CN', 'a=b'],
    ],
  ],
  ['*', '*'],
  ['', undefined],
  ['acme', undefined],
  ['O=', undefined],
  ['O=a, O=b', undefined],
  ['O=a,,', [['O', 'a']]],
])('the subject %j', (text, expected) => expect(parseSubjectName(text)).toEqual(expected))
