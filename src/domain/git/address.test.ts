import { describe, expect, it } from '@jest/globals'
import { isSameRepository, parseAddress, resolveAddress } from './address.ts'

describe('an address', () => {
  it.each([
    ['https://github.com/acme/app.git', 'https', 'https://github.com'],
    ['http://10.0.0.1:8080/a/b', 'http', 'http://10.0.0.1:8080'],
    ['HTTPS://Host.example:443/a', 'https', 'https://host.example'],
    ['ssh://git@host:2222/team/app.git', 'ssh', undefined],
    ['git@github.com:acme/app.git', 'ssh', undefined],
    ['file:///srv/git/app.git', 'file', undefined],
  ])('%s is %s', (url, scheme, origin) => expect(parseAddress(url)).toEqual({ url, scheme, ...(origin === undefined ? {} : { origin }) }))

  it.each([
    ['ext::sh -c touch% /tmp/x', 'letters, digits'],
    ['ext::sh', 'program of its own'],
    ['--upload-pack=touch', 'letters, digits'],
    ['-x:y', 'letters, digits'],
    ['ssh://-oProxyCommand=x/y', 'ssh://user@host/path'],
    ['ssh://git:pass@host/y', 'holds a password'],
    ['host:-x', 'expected https://'],
    ['https://user:correct@host/a', 'names a user'],
    ['https://token@host/a', 'names a user'],
    ['https://host', 'path of a repository'],
    ['https://host/a?x=1', 'letters, digits'],
    ['https://good.example\\@evil.example/a', 'letters, digits'],
    ['https://host/a\nb', 'letters, digits'],
    ['ftp://host/a', 'expected https://'],
    ['git://host/a', 'expected https://'],
    ['file://host/a', 'file:///path'],
    ['/srv/git/app', 'did you mean file:///srv/git/app?'],
    ['', 'expected an address'],
    [`https://host/${'a'.repeat(1024)}`, 'letters, digits'],
  ])('%j is refused', (text, why) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'SW-SOURCE-REPOSITORY', message: expect.stringContaining(why) }),
    )
  })

  it('with a password is refused without telling it', () => {
    expect(() => parseAddress('https://user:correct-horse@host/a')).not.toThrow('correct-horse')
    expect(() => parseAddress('foo://user:correct-horse@host/a b')).not.toThrow('correct-horse')
  })
})

describe('the address of a submodule', () => {
  it.each([
    ['https://host/team/app.git', '../lib.git', 'https://host/team/lib.git'],
    ['https://host/team/app.git/', '../../other/lib', 'https://host/other/lib'],
    ['https://host/team/app', './lib', 'https://host/team/app/lib'],
    ['git@host:team/app.git', '../lib.git', 'git@host:team/lib.git'],
    ['git@host:app.git', '../lib.git', 'git@host:lib.git'],
    ['file:///srv/app', '../lib', 'file:///srv/lib'],
    ['https://host/team/app', 'https://other/lib', 'https://other/lib'],
  ])('%s and %s is %s', (base, text, url) => expect(resolveAddress(parseAddress(base), text).url).toBe(url))

  it.each([
    ['https://host/app', '../../../evil.example/x'],
    ['https://host/app', '../../evil.example/x'],
    ['file:///app', '../../../x'],
    ['git@host:app', '../../x'],
  ])('cannot leave the server: %s and %s', (base, text) =>
    expect(() => resolveAddress(parseAddress(base), text)).toThrow(expect.objectContaining({ code: 'SW-SOURCE-REPOSITORY' })),
  )
})

it.each([
  ['https://h/a', 'https://h/a.git', true],
  ['https://h/a/', 'https://h/a', true],
  ['https://h/a', 'https://h/b', false],
])('%s and %s are one repository: %s', (one, other, same) => expect(isSameRepository(one, other)).toBe(same))
