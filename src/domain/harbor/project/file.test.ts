import { describe, expect, it } from '@jest/globals'
import { parseProjectFile } from './file.ts'

/** What is told of a file, without its first line. */
function faultsOf(text: string, secrets: ReadonlyMap<string, string> = new Map()): string {
  try {
    parseProjectFile(text, 'harbor.yaml', secrets)
  } catch (error) {
    return String(error).split('\n').slice(1).join('\n')
  }
  return ''
}
const shop = (settings: string): string => `projects: { shop: { ${settings} } }`
const own = 'metadata: { reuse-sys-cve-allowlist: false }'

describe('a file', () => {
  it.each([
    ['a key twice', 'projects:\n  shop:\n  shop:\n', 'line 3  names "shop" again, first on line 2'],
    ['a text for a word of Harbor’s', shop('metadata: { public: "true" }'), 'metadata.public is "true", expected boolean'],
    ['nothing for a word', shop('metadata: { public: }'), 'metadata.public is null, expected boolean'],
    ['a number for a name', shop('members: { bob: 3 }'), 'members.bob is 3, expected one of project-admin'],
    ['a day that there is not', shop(`${own}, cve-allowlist: { items: [], expires: 2027-02-30 }`), 'expected a day that there is'],
    [
      'a moment that there is not',
      shop(`${own}, cve-allowlist: { items: [], expires: "2027-02-30T00:00:00Z" }`),
      'expected a day that there is',
    ],
    ['one finding twice', shop(`${own}, cve-allowlist: { items: [CVE-1, CVE-1] }`), 'expected each id once'],
    ['the same tags held twice', shop('immutability: [{ tags: v* }, { tags: v*, disabled: true }]'), 'expected each selection once'],
    [
      'an environment of an organization',
      shop('robots: { ci: { permissions: [push], secret-to: [{ github: acme, environment: prod, token: { secret: T } }] } }'),
      'expected owner/repository',
    ],
    [
      'a place for a secret without its token',
      shop('robots: { ci: { permissions: [push], secret-to: [{ github: acme/app }] } }'),
      'secret-to[0] has github, expected the keys of one kind: github, environment, name, username-name, token, api, kubernetes',
    ],
    ['a merge key', 'x: &a { b: 1 }\nprojects: { <<: *a }', 'merge key'],
    ['a name that every object has', 'projects: { constructor: }', 'has a name that every object has'],
    ['a key that it does not know', shop('labls: {}'), 'did you mean `labels`?'],
  ])('with %s is refused by line and path', (_, text, told) => {
    expect(faultsOf(text)).toContain(told)
  })

  it.each([
    shop('webhooks: { ci: { url: "https://ci", events: [PUSH_ARTIFACT], auth-header: Canary-1 } }'),
    `registries: { hub: { type: harbor, url: "https://hub", username: u, password: Canary-1 } }\nprojects: {}`,
    shop('robots: { ci: { permissions: [push], secret-to: [{ github: a/b, token: Canary-1 }] } }'),
  ])('with a secret in it is refused, and the secret is not told: %s', (text) => {
    expect(faultsOf(text)).toContain('line 1')
    expect(faultsOf(text)).not.toContain('Canary')
  })

  const robot = (target: string): string => `{ permissions: [push], secret-to: [${target}] }`
  it.each([
    ['{ github: acme/app, token: { secret: T } }', '{ github: Acme/App, name: docker_auth_config, token: { secret: T } }'],
    ['{ kubernetes: ci/pull }', '{ kubernetes: ci/pull }'],
    ['{ kubernetes: ci/x, keys: { username: u, password: p } }', '{ kubernetes: ci/x, keys: { username: v, password: p } }'],
  ])('in which a robot would write over the secret of another is refused: %s', (first, second) => {
    const text = `projects:\n  a: { robots: { ci: ${robot(first)} } }\n  b: { robots: { ci: ${robot(second)} } }\n`
    const told = 'line 3  projects.b.robots.ci.secret-to[0] is where the secret of a/ci goes, expected a place for each robot'
    expect(faultsOf(text, new Map([['T', 't']]))).toContain(told)
  })

  it('in which robots write to one place side by side is taken', () => {
    const targets = ['{ github: acme/app, name: A, token: { secret: T } }', '{ github: acme/app, name: B, token: { secret: T } }']
    const robots = targets.map((target, place) => `r${place}: ${robot(target)}`)
    expect(faultsOf(shop(`robots: { ${robots.join(', ')} }`), new Map([['T', 't']]))).toBe('')
  })

  it('has names of digits only as names', () => {
    expect(parseProjectFile('projects: { 12345: , 007: }', 'harbor.yaml').file.projects).toEqual({ 12345: null, '007': null })
  })

  it('with more names than anybody has is read in their number', () => {
    const names = Array.from({ length: 100_000 }, (_, place) => `  p${place}:`)
    expect(Object.keys(parseProjectFile(`projects:\n${names.join('\n')}\n`, 'harbor.yaml').file.projects)).toHaveLength(names.length)
  })
})
