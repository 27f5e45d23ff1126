import { expect, test } from '@jest/globals'
import { answeredKey } from './answered-key.ts'

test.each([
  ['bytes that are no key', { key: Buffer.from('hello'), format: 'der', type: 'spki' }],
  ['a page', '<html>'],
  ['a point that is on no curve', { key: { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }, format: 'jwk' }],
  ['a member that is not there', { key: { kty: 'RSA', n: 'AQAB' }, format: 'jwk' }],
] satisfies readonly [string, Parameters<typeof answeredKey>[0]][])('an answer with %s is the service’s fault', (_, key) => {
  expect(() => answeredKey(key, 'awskms:///alias/app')).toThrow(expect.objectContaining({ code: 'SW-KMS-ANSWER', exit: 4 }))
})
