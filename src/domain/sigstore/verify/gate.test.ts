import { expect, test } from '@jest/globals'
import { requirePassed } from './gate.ts'
import { reasonOf } from './reasons.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const passed = {
  verifier: { id: 'https://example.com/gate' },
  timeVerified: '2026-11-21T12:00:00Z',
  resourceUri: 'oci://registry.example.com/app',
  policy: { uri: 'https://example.com/policy', digest: { sha256: 'ab'.repeat(32) } },
  verificationResult: 'PASSED',
  verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
}
const now = Date.parse('2026-11-21T13:00:00Z')
const hour = 3_600_000

function verdictOn(predicate: unknown, wanted: Parameters<typeof requirePassed>[1], times: readonly Date[] = []): string {
  try {
    requirePassed(predicate, wanted, { proof: { times }, now })
    return 'passed'
  } catch (thrown) {
    return reasonOf(thrown).code
  }
}

test.each([
  ['passed', 'nothing more than PASSED', passed, {}],
  ['passed', 'all of it', passed, { verifier: passed.verifier.id, policy: digest, resource: passed.resourceUri, maxAge: 2 * hour }],
  ['verdict-failed', 'FAILED', { ...passed, verificationResult: 'FAILED' }, {}],
  ['verdict-failed', 'passed, in other letters', { ...passed, verificationResult: 'passed' }, {}],
  ['verifier-mismatch', 'another gate', passed, { verifier: 'https://example.com/gate2' }],
  ['policy-mismatch', 'another policy', passed, { policy: `sha256:${'cd'.repeat(32)}` }],
  ['policy-mismatch', 'a policy without digest', { ...passed, policy: { uri: digest } }, { policy: digest }],
  [
    'policy-mismatch',
    'the digest of another algorithm',
    { ...passed, policy: { digest: { sha512: 'ab'.repeat(32) } } },
    { policy: digest },
  ],
  ['resource-mismatch', 'another resource', passed, { resource: 'oci://registry.example.com/app2' }],
  ['too-old', 'yesterday', passed, { maxAge: hour / 2 }],
  ['time-unknown', 'no time', { ...passed, timeVerified: undefined }, { maxAge: hour }],
  ['predicate-invalid', 'a time that is none', { ...passed, timeVerified: 'soon' }, {}],
  ['predicate-invalid', 'no verdict', { ...passed, verificationResult: undefined }, {}],
  ['predicate-invalid', 'no predicate', undefined, {}],
])('%s: %s', (expected, _, predicate, wanted) => expect(verdictOn(predicate, wanted)).toBe(expected))

test('a log that vouches for an older time wins over what the gate says', () => {
  expect(verdictOn(passed, { maxAge: 2 * hour }, [new Date('2026-11-21T10:00:00Z')])).toBe('too-old')
})
