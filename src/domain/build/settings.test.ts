import { describe, expect, it, test } from '@jest/globals'
import { checkSettings, portOf, type Settings, userOf } from './settings.ts'

const settings: Settings = { env: {}, labels: {}, ports: [], allowRoot: false }

describe('the user of an image', () => {
  test.each<[string | undefined, string | undefined, boolean, string]>([
    [undefined, undefined, false, '65532:65532'],
    [undefined, '', false, '65532:65532'],
    [undefined, 'root', false, '65532:65532'],
    [undefined, '0:0', false, '65532:65532'],
    [undefined, '1001', false, '1001'],
    [undefined, 'node', false, 'node'],
    ['1000:1000', 'root', false, '1000:1000'],
    [undefined, 'root', true, 'root'],
    ['0', undefined, true, '0'],
  ])('given %s on a base with %s, allow-root %s: %s', (user, base, allowRoot, expected) => {
    expect(userOf({ user, allowRoot }, base)).toBe(expected)
  })

  test.each(['root', '0', '0:0', '00', '+0', '-0', 'root:users', '0:1000', ':1000', ''])('%s is root, and refused', (user) => {
    expect(() => userOf({ user, allowRoot: false }, undefined)).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-ROOT-USER', hint: expect.stringContaining('allow-root: true') }),
    )
  })

  test.each(['rooted', '10', '1:0'])('%s is not root', (user) => expect(userOf({ user, allowRoot: false }, undefined)).toBe(user))
})

test.each([
  ['8080', '8080/tcp'],
  ['53/udp', '53/udp'],
  [' 080 ', '80/tcp'],
  ['65535/sctp', '65535/sctp'],
  ['0', undefined],
  ['65536', undefined],
  ['80/http', undefined],
  ['8080:80', undefined],
  ['', undefined],
])('port %s is %s', (text, expected) => expect(portOf(text)).toBe(expected))

describe('settings', () => {
  it('that can be used pass', () => {
    checkSettings({ ...settings, env: { PATH: '/bin', 'a.b': '=' }, workdir: '/app', user: '1:2', ports: ['80'], stopSignal: 'SIGRTMIN+3' })
  })

  it('that cannot be used are all told at once', () => {
    const wrong = { ...settings, env: { '': 'x' }, workdir: 'app', user: 'a:b:c', ports: ['http', '80'], stopSignal: 'TERM' }
    const told = /env has the name "".*workdir is "app".*user is "a:b:c".*ports has "http".*stop-signal is "TERM"/
    expect(() => checkSettings(wrong)).toThrow(expect.objectContaining({ code: 'SW-BUILD-SETTING', message: expect.stringMatching(told) }))
  })

  it('with root as the user are refused before any work', () => {
    expect(() => checkSettings({ ...settings, user: '0' })).toThrow(expect.objectContaining({ code: 'SW-BUILD-ROOT-USER' }))
  })
})
