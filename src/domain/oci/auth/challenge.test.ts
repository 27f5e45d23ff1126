import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseChallenges } from './challenge.ts'

const parsed = (...headers: string[]) => parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

describe('the challenges of WWW-Authenticate', () => {
  it.each<[string, string[], unknown[]]>([
    ['none', [], []],
    ['empty', ['', ' , ,'], []],
    ['Basic', ['Basic realm="harbor"'], [['basic', { realm: 'harbor' }]]],
    [
      'Bearer with a list inside quotes',
      ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push repository:c:pull"'],
      [
        [
          'bearer',
          { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push repository:c:pull' },
        ],
      ],
    ],
    [
      'two in one header (Forgejo)',
      ['Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*", Basic realm="Gitea"'],
      [
        ['bearer', { realm: 'https://codeberg.org/v2/token', service: 'container_registry', scope: '*' }],
        ['basic', { realm: 'Gitea' }],
      ],
    ],
    [
      'one in each of two headers',
      ['Basic realm="a"', 'Bearer realm="https://b"'],
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'https://b' }],
      ],
    ],
    [
      'a scheme without parameters before another (RFC 9110 §11.6.1)',
      ['Newauth realm="apps", type=1, title="Login to \\"apps\\"", Negotiate, Basic realm="simple"'],
      [
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
        ['negotiate', {}],
        ['basic', { realm: 'simple' }],
      ],
    ],
    [
      'a token68 is no parameter',
      ['Negotiate YIIFAgYGKw==, Basic realm="x"'],
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['blanks around =', ['Bearer realm = "https://a" , service="s"'], [['bearer', { realm: 'https://a', service: 's' }]]],
    ['names and schemes in any case', ['BEARER Realm="A"'], [['bearer', { realm: 'A' }]]],
    ['a URL without quotes', ['Bearer realm=https://a/t?x=y,service=s'], [['bearer', { realm: 'https://a/t?x=y', service: 's' }]]],
    ['a comma within quotes', ['Basic realm="a, Bearer realm=b"'], [['basic', { realm: 'a, Bearer realm=b' }]]],
    ['the first of two equal parameters', ['Bearer realm="https://good",realm="https://evil"'], [['bearer', { realm: 'https://good' }]]],
    ['a quote that never ends', ['Basic realm="abc'], [['basic', { realm: 'abc' }]]],
    ['rubbish before', ['"; Basic realm="x"'], [['basic', { realm: 'x' }]]],
    ['a parameter without a scheme', ['realm="x", Basic realm="y"'], [['basic', { realm: 'y' }]]],
  ])('%s', (_, headers, challenges) => expect(parsed(...headers)).toEqual(challenges))

  it('come to an end for any text', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[ ,="\\aB1]{0,200}$/))
    fc.assert(fc.property(fc.array(text), (headers) => expect(Array.isArray(parseChallenges(headers))).toBe(true)))
  })

  it('survive being written by the grammar and read again', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
    const challenge = fc.tuple(
      token,
      fc.uniqueArray(fc.tuple(token, fc.string()), { selector: ([name]) => name, minLength: 1, maxLength: 4 }),
    )
    const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges
          .map(([scheme, list]) => `${scheme} ${list.map(([name, value]) => `${name}=${quoted(value)}`).join(', ')}`)
          .join(', ')
        expect(parsed(header)).toEqual(challenges.map(([scheme, list]) => [scheme, Object.fromEntries(list)]))
      }),
    )
  })
})
