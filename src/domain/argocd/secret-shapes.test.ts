import { expect, it } from '@jest/globals'
import { withoutSecrets } from './secret-shapes.ts'

const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(40)}`

it.each([
  ['a password', 'connecting with password=hunter2 to db', 'connecting with password=*** to db'],
  ['one in JSON', '{"apiKey": "abc def", "user": "me"}', '{"apiKey": ***, "user": "me"}'],
  ['one in a variable', 'DB_PASSWORD=hunter2', 'DB_PASSWORD=***'],
  ['an address', 'postgres://app:hunter2@db:5432/app', 'postgres://app:***@db:5432/app'],
  ['a header', 'Authorization: Bearer abcdefgh12345', 'Authorization: Bearer ***'],
  ['a token in three parts', `token ${jwt} expired`, 'token *** expired'],
  ['a token of a forge', `push by ghp_${'x'.repeat(36)}`, 'push by ***'],
  ['a key of AWS', 'AKIAABCDEFGHIJKLMNOP is wrong', '*** is wrong'],
  ['a key of a framework', 'DJANGO_SECRET_KEY=abc', 'DJANGO_SECRET_KEY=***'],
  ['a token of Vault', `VAULT hvs.${'x'.repeat(24)} lives`, 'VAULT *** lives'],
  ['a token of npm', `npm_${'x'.repeat(36)}`, '***'],
  ['a key of Google', `?key=AIza${'x'.repeat(35)}&a=b`, '?key=***&a=b'],
  ['a session', 'Set-Cookie: sid=abc; Path=/\nnext', 'Set-Cookie: ***\nnext'],
  ['a private key', 'key -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- end', 'key *** end'],
  ['half a private key', '-----BEGIN PRIVATE KEY-----\nMIIE', '***'],
])('%s is hidden', (_, text, shown) => {
  expect(withoutSecrets(text)).toBe(shown)
})

it.each([
  'no secrets here',
  'https://example.com:8080/path',
  'tokens: 5 left',
  'sha256:abc',
  'the password is wrong',
  'key: value',
  'task-1: no cookie',
])('%j stays', (text) => {
  expect(withoutSecrets(text)).toBe(text)
})

it('a long text takes time in proportion to its length', () => {
  const hostile = `${'password'.repeat(20_000)}${'://a:'.repeat(20_000)}${'-----BEGIN '.repeat(10_000)}${'eyJaaaaa.'.repeat(10_000)}`
  expect(withoutSecrets(hostile).length).toBeGreaterThan(0)
})
