import { describe, expect, it } from '@jest/globals'
import { signed, signingKey } from './sigv4.ts'

/** The keys and the moment of all of AWS’s examples. */
const keys = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', session: undefined }
const now = Date.parse('2015-08-30T12:36:00Z')
const scope = { region: 'us-east-1', service: 'service', now }

describe('a signature of version 4', () => {
  it('has the key that AWS’s documentation derives', () => {
    expect(signingKey(keys.secret, '20150830/us-east-1/iam/aws4_request').toString('hex')).toBe(
      'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
    )
  })

  it('is that of the documentation’s example, ListUsers', () => {
    const url = new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08')
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    expect(signed({ method: 'GET', url, headers, body: '' }, keys, { ...scope, service: 'iam' })).toEqual({
      ...headers,
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    })
  })

  const example = new URL('https://example.amazonaws.com/')
  const session =
    'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
  it.each([
    [
      'get-vanilla',
      { method: 'GET', url: example, headers: {}, body: '' },
      undefined,
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'post-vanilla',
      { method: 'POST', url: example, headers: {}, body: '' },
      undefined,
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      { method: 'POST', url: example, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
      undefined,
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'get-vanilla-query-order-key-case',
      { method: 'GET', url: new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1'), headers: {}, body: '' },
      undefined,
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-sts-header-before',
      { method: 'POST', url: example, headers: {}, body: '' },
      session,
      '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    ],
  ])('is that of AWS’s test suite: %s', (_, request, token, signature) => {
    expect(signed(request, { ...keys, session: token }, scope)['authorization']).toMatch(new RegExp(`Signature=${signature}$`))
  })
})
