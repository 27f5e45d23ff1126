import { describe, expect, test } from '@jest/globals'
import type { Exception } from './exception.ts'
import { readExceptionFile, requireHorizon } from './exception-files.ts'
import { exception, now } from './finding.fake.ts'

const day = 86_400_000
const at = (text: string): number => Date.parse(text)
const codeOf = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : error
  }
}
const first = ({ exceptions }: ReturnType<typeof readExceptionFile>): Exception | undefined => exceptions[0]

describe('our own file', () => {
  const entry = 'id: CVE-1, reason: not reachable, owner: shop, expires: 2026-12-01'
  test('is read with where each entry stands', () => {
    expect(readExceptionFile(`exceptions:\n  - { ${entry}, package: pkg:npm/a, path: app }`, 'e.yaml')).toEqual({
      exceptions: [
        {
          ...{ id: 'CVE-1', packages: [{ purl: 'pkg:npm/a' }], paths: ['app'], reason: 'not reachable', owner: 'shop' },
          ...{ expires: '2026-12-01', ends: at('2026-12-02T00:00:00Z'), origin: 'e.yaml, exception 1' },
        },
      ],
      skipped: [],
    })
  })

  test.each([
    ['neither a vulnerability nor a licence', 'reason: r, owner: o, expires: 2026-12-01', 'neither `id` nor `license`'],
    ['both', `${entry}, license: MIT`, 'has both `id` and `license`'],
    ['no package URL', `${entry}, package: 'pkg:'`, 'expected a package URL'],
    ['a day that never comes', 'id: C, reason: r, owner: o, expires: 2026-02-30', 'which is no day'],
    ['VEX without a reason', `${entry}, vex: { status: not_affected }`, 'expected `justification` or `impact`'],
    ['VEX without an action', `${entry}, vex: { status: affected }`, 'expected `action`'],
    ['VEX that says fixed of what was found', `${entry}, vex: { status: fixed }`, 'exceptions.0.vex.status'],
    ['a justification that VEX does not have', `${entry}, vex: { status: not_affected, justification: trust_me }`, 'justification'],
    ['a key that every object has', `${entry}, constructor: 1`, 'the key "constructor"'],
    ['a prototype', `${entry}, __proto__: { id: x }`, 'the key "__proto__"'],
  ])('is refused with %s', (_, text, why) => {
    expect(codeOf(() => readExceptionFile(`exceptions: [{ ${text} }]`, 'e.yaml'))).toEqual(expect.stringContaining(why))
  })

  test('may be empty', () =>
    expect([readExceptionFile('', 'e.yaml'), readExceptionFile('exceptions:', 'e.yaml')]).toEqual(
      Array(2).fill({ exceptions: [], skipped: [] }),
    ))
})

describe('.trivyignore', () => {
  const text = '# we do not parse XML\nCVE-1 exp:2026-12-01\n\n  # second\nGHSA-2 # inline\n'
  test('has a day, over when it begins as in Trivy, and the reason above', () => {
    expect(readExceptionFile(text, 'sub/.trivyignore', '2027-01-01').exceptions).toMatchObject([
      {
        id: 'CVE-1',
        reason: 'we do not parse XML',
        expires: '2026-12-01',
        ends: at('2026-12-01T00:00:00Z'),
        origin: 'sub/.trivyignore, line 2',
      },
      { id: 'GHSA-2', reason: 'second', expires: '2027-01-01', ends: at('2027-01-02T00:00:00Z'), origin: 'sub/.trivyignore, line 5' },
    ])
  })

  test.each([
    ['without a day', 'CVE-1', 'has no day on which it expires'],
    ['with another word', 'CVE-1 forever', 'expected an identifier and exp:'],
    ['with a day that is none', 'CVE-1 exp:2026-02-31', 'expected YYYY-MM-DD'],
    ['with two days', 'CVE-1 exp:2026-11-30 # exp:2026-12-01', 'expected an identifier and exp:'],
  ])('is refused %s', (_, line, why) => expect(codeOf(() => readExceptionFile(line, '.trivyignore'))).toEqual(expect.stringContaining(why)))
})

test('.trivyignore: a day behind # is one to Trivy, and so it is here', () => {
  expect(first(readExceptionFile('CVE-1 # until then exp:2026-11-01', '.trivyignore', '2027-01-01'))?.ends).toBe(at('2026-11-01T00:00:00Z'))
})

describe('.trivyignore.yaml', () => {
  test('has packages and paths, and licences; what else it ignores is told', () => {
    const text = [
      'vulnerabilities:',
      '  - { id: CVE-1, paths: [app, "**/x.jar"], purls: ["pkg:npm/a@1"], expired_at: 2026-12-01, statement: ours }',
      'licenses: [{ id: GPL-3.0-only, expired_at: 2026-12-01 }]',
      'secrets: [{ id: aws }]',
    ].join('\n')
    expect(readExceptionFile(text, '.trivyignore.yaml')).toMatchObject({
      exceptions: [
        {
          id: 'CVE-1',
          paths: ['app', '**/x.jar'],
          exactly: true,
          packages: [{ purl: 'pkg:npm/a@1' }],
          reason: 'ours',
          ends: at('2026-12-01T00:00:00Z'),
        },
        { license: 'GPL-3.0-only' },
      ],
      skipped: [{ origin: '.trivyignore.yaml, secrets', why: expect.any(String) }],
    })
  })

  test('is refused with what is no package URL', () => {
    const text = 'vulnerabilities: [{ id: C, purls: [lodash], expired_at: 2026-12-01 }]'
    expect(codeOf(() => readExceptionFile(text, 'trivyignore.yml'))).toEqual(expect.stringContaining('expected a package URL'))
  })
})

describe('.grype.yaml', () => {
  const read = (rule: string): ReturnType<typeof readExceptionFile> =>
    readExceptionFile(`fail-on-severity: high\nignore:\n  - ${rule}`, '.grype.yaml', '2026-12-31')
  test('gives rules about a vulnerability, with name, version, type and place', () => {
    expect(
      first(read('{ vulnerability: CVE-1, reason: r, package: { name: a, version: "1", type: go-module, location: "/app/**" } }')),
    ).toMatchObject({
      ...{ id: 'CVE-1', packages: [{ name: 'a', version: '1', type: 'golang' }], paths: ['/app/**'], reason: 'r', expires: '2026-12-31' },
      origin: '.grype.yaml, rule 1',
    })
  })

  test.each([
    ['for all that has no fix', '{ fix-state: not-fixed }', 'it asks for fix-state'],
    ['for what is not known here', '{ vulnerability: C, namespace: "github:language:go" }', 'it asks for namespace'],
    ['for a package of unknown type', '{ vulnerability: C, package: { type: conan } }', '"conan" are not known'],
    ['for a pattern of names', '{ vulnerability: C, package: { name: "lib.*" } }', 'is a pattern'],
    ['for a pattern of places', '{ vulnerability: C, package: { location: "/app/{a,b}" } }', 'signs of patterns'],
    ['for a language', '{ vulnerability: C, package: { language: go } }', 'package.language'],
    ['without a vulnerability', '{ package: { name: a } }', 'it names no vulnerability'],
  ])('does not take a rule %s, and says so', (_, rule, why) => {
    expect(read(rule)).toEqual({ exceptions: [], skipped: [{ origin: '.grype.yaml, rule 1', why: expect.stringContaining(why) }] })
  })
})

describe('osv-scanner.toml', () => {
  test('has days and times, and packages that do not count', () => {
    const text = [
      '[[IgnoredVulns]]\nid = "GO-1"\nignoreUntil = 2026-12-01\nreason = "r"',
      '[[IgnoredVulns]]\nid = "GO-2"\nignoreUntil = 2026-12-01T10:00:00Z',
      '[[PackageOverrides]]\nname = "lib"\nversion = "1.0.0"\necosystem = "Go"\nignore = true\neffectiveUntil = 2026-11-30',
      '[[PackageOverrides]]\nname = "lib"\necosystem = "Hex"\nignore = true',
      '[[PackageOverrides]]\nname = "lib"\nlicense.override = ["MIT"]',
    ].join('\n')
    const { exceptions, skipped } = readExceptionFile(text, 'osv-scanner.toml')
    expect(exceptions).toMatchObject([
      { id: 'GO-1', ends: at('2026-12-01T00:00:00Z'), reason: 'r' },
      { id: 'GO-2', ends: at('2026-12-01T10:00:00Z') },
      { packages: [{ name: 'lib', version: '1.0.0', type: 'golang' }], ends: at('2026-11-30T00:00:00Z') },
    ])
    expect(exceptions[2]).not.toHaveProperty('id')
    expect(skipped.map(({ why }) => why)).toEqual([expect.stringContaining('"Hex"'), 'it changes something else than what counts'])
  })

  const override = (more: string): ReturnType<typeof readExceptionFile> =>
    readExceptionFile(`[[PackageOverrides]]\nname = "lib"\nignore = true\n${more}`, 'osv-scanner.toml', '2026-12-31')
  test.each([
    ['Debian:12', { type: 'deb', distro: 'debian-12' }],
    ['Ubuntu:22.04:LTS', { type: 'deb', distro: 'ubuntu-22.04' }],
    ['Alpine:v3.20', { type: 'apk', distro: 'alpine-3.20' }],
    ['Alpine', { type: 'apk', distro: 'alpine' }],
  ])('takes an override of %s for that distribution alone', (ecosystem, scope) => {
    expect(first(override(`ecosystem = "${ecosystem}"`))?.packages).toEqual([{ name: 'lib', ...scope }])
  })

  test.each([
    ['of a group', 'group = "dev"', 'a group of dependencies'],
    ['of a release that reads otherwise', 'ecosystem = "Red Hat:enterprise_linux:9"', '"Red Hat:enterprise_linux:9" is not known'],
    ['of what is not known here', 'source = "x/package-lock.json"', 'it asks for source'],
  ])('does not take an override %s, and says so', (_, more, why) => {
    expect(override(more)).toMatchObject({ exceptions: [], skipped: [{ why: expect.stringContaining(why) }] })
  })

  test('is refused with a time on a day that never comes', () => {
    const text = '[[IgnoredVulns]]\nid = "GO-1"\nignoreUntil = "2026-02-30T00:00:00Z"'
    expect(codeOf(() => readExceptionFile(text, 'osv-scanner.toml'))).toEqual(expect.stringContaining('expected YYYY-MM-DD or a time'))
  })

  test('is refused without a day', () => {
    expect(codeOf(() => readExceptionFile('[[IgnoredVulns]]\nid = "GO-1"', 'osv-scanner.toml'))).toEqual(
      expect.stringContaining('has no day'),
    )
  })
})

describe('the horizon', () => {
  const within = (ends: number, longest: number | undefined): unknown =>
    codeOf(() => requireHorizon([exception({ ends })], { longest, now }))
  test.each([
    ['no longer than the policy allows', now + 30 * day, 30 * day, undefined],
    ['the whole of its last day', now + 31 * day - 1, 30 * day, undefined],
    ['longer', now + 32 * day, 30 * day, expect.stringContaining('max-exception of the policy')],
    ['anything, where the policy allows it', now + 9000 * day, undefined, undefined],
  ])('%s', (_, ends, longest, expected) => expect(within(ends, longest)).toEqual(expected))
})
