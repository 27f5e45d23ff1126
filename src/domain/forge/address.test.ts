import { describe, expect, test } from '@jest/globals'
import { parseAddress } from '../git/address.ts'
import { type ForgeKind, forgeOf } from './address.ts'

describe('the forge of a repository', () => {
  test.each<[string, ForgeKind | undefined, string]>([
    ['https://github.com/acme/deploy.git', undefined, 'github https://api.github.com acme/deploy'],
    ['https://github.com/acme/deploy/', undefined, 'github https://api.github.com acme/deploy'],
    ['git@github.com:acme/deploy.git', undefined, 'github https://api.github.com acme/deploy'],
    ['ssh://git@github.com:22/acme/deploy', undefined, 'github https://api.github.com acme/deploy'],
    ['https://acme.ghe.com/acme/deploy', undefined, 'github https://api.acme.ghe.com acme/deploy'],
    ['https://github.acme.example/acme/deploy', undefined, 'github https://github.acme.example/api/v3 acme/deploy'],
    ['https://git.acme.example/acme/deploy', 'github', 'github https://git.acme.example/api/v3 acme/deploy'],
    ['https://gitlab.com/acme/platform/apps/deploy.git', undefined, 'gitlab https://gitlab.com/api/v4 acme/platform/apps/deploy'],
    ['git@gitlab.acme.example:acme/platform/deploy.git', undefined, 'gitlab https://gitlab.acme.example/api/v4 acme/platform/deploy'],
    ['ssh://git@gitlab.acme.example:2222/acme/deploy', undefined, 'gitlab https://gitlab.acme.example/api/v4 acme/deploy'],
    ['https://codeberg.org/acme/deploy.git', undefined, 'gitea https://codeberg.org/api/v1 acme/deploy'],
    ['https://acme.example/git/acme/deploy', 'gitea', 'gitea https://acme.example/git/api/v1 acme/deploy'],
    ['http://gitea.example:3000/acme/deploy', undefined, 'gitea http://gitea.example:3000/api/v1 acme/deploy'],
  ])('%s is %s', (url, kind, expected) => {
    const forge = forgeOf(parseAddress(url), { kind })
    expect(`${forge.kind} ${forge.api} ${forge.project}`).toBe(expected)
  })

  test('has its API where it is said to be', () => {
    const address = parseAddress('https://git.acme.example/acme/deploy')
    expect(forgeOf(address, { kind: 'gitlab', api: 'https://acme.example/gitlab/api/v4/' })).toMatchObject({
      api: 'https://acme.example/gitlab/api/v4',
      project: 'acme/deploy',
    })
  })

  test.each([
    ['https://git.acme.example/acme/deploy', /not known what serves/],
    ['https://notgithub.com/acme/deploy', /not known what serves/],
    ['https://github.com/deploy', /names no project/],
    ['file:///srv/github.com/acme/deploy', /is a folder/],
  ])('%s: refused', (url, message) => {
    expect(() => forgeOf(parseAddress(url))).toThrow(
      expect.objectContaining({ code: 'SW-FORGE-UNKNOWN', message: expect.stringMatching(message) }),
    )
  })
})
