import { describe, expect, test } from '@jest/globals'
import type { Distro, Package, PackageType } from '../packages/package.ts'
import { keyOf } from './collect.ts'
import { coordinatesOf, isOfEcosystem } from './ecosystem.ts'

const one = (type: PackageType, name: string, more: Partial<Package> = {}): Package => ({
  ...{ type, name, version: '1', purl: `pkg:${type}/${name}@1`, licenses: [], locations: [] },
  ...more,
})
const on = (id: string, version: string): { distro: Distro } => ({ distro: { id, version } })

describe('advisories name a package', () => {
  const source = { name: 'glibc', version: '2.36-9' }
  test.each<readonly [string, Package, readonly string[], string]>([
    ['npm, with its scope', one('npm', 'core', { namespace: '@babel' }), ['npm'], '@babel/core'],
    ['Python, by PEP 503', one('pypi', 'Zope.Interface_X'), ['PyPI'], 'zope-interface-x'],
    ['Go, by its module', one('golang', 'net', { namespace: 'golang.org/x' }), ['Go'], 'golang.org/x/net'],
    ['Maven, by group and artifact', one('maven', 'log4j-core', { namespace: 'org.apache' }), ['Maven'], 'org.apache:log4j-core'],
    ['Composer, without letter case', one('composer', 'Http', { namespace: 'Symfony' }), ['Packagist'], 'symfony/http'],
    ['Debian, by the source and the release', one('deb', 'libc6', { source, ...on('debian', '12') }), ['Debian:12', 'Debian'], 'glibc'],
    [
      'Ubuntu, with long support or not',
      one('deb', 'libc6', { source, ...on('ubuntu', '22.04') }),
      ['Ubuntu:22.04:LTS', 'Ubuntu:22.04'],
      'glibc',
    ],
    [
      'Ubuntu, where only who pays gets the fix',
      one('deb', 'libc6', { source, ...on('ubuntu', '18.04') }),
      ['Ubuntu:Pro:18.04:LTS'],
      'glibc',
    ],
    ['Debian that has no number yet', one('deb', 'libc6', { source, ...on('debian', '') }), ['Debian:sid'], 'glibc'],
    [
      'SUSE, in whatever product',
      one('rpm', 'libopenssl3', { source: { name: 'openssl-3', version: '' }, ...on('sles', '15.5') }),
      ['SUSE:Linux Enterprise Server 15 SP5', 'SUSE:Linux Enterprise Module for Basesystem 15 SP5'],
      'openssl-3',
    ],
    ['SUSE, after its general support', one('rpm', 'bash', on('sles', '15.3')), ['SUSE:Linux Enterprise Server 15 SP3-LTSS'], 'bash'],
    ['Red Hat, by the minor release too', one('rpm', 'bash', on('rhel', '10.1')), ['Red Hat:enterprise_linux:10.0'], 'bash'],
    ['openSUSE, by its marketing name', one('rpm', 'bash', on('opensuse-leap', '15.5')), ['openSUSE:Leap 15.5'], 'bash'],
    [
      'Wolfi, without a release',
      one('apk', 'libssl3', { source: { name: 'openssl', version: '' }, ...on('wolfi', '2023') }),
      ['Wolfi'],
      'openssl',
    ],
    ['Maven, of another repository', one('maven', 'core', { namespace: 'androidx' }), ['Maven:https://maven.google.com'], 'androidx:core'],
    ["Go's own library", one('golang', 'stdlib'), ['Go'], 'stdlib'],
    [
      'Alpine, by the branch',
      one('apk', 'libcrypto3', { source: { name: 'openssl', version: '1' }, ...on('alpine', '3.19.1') }),
      ['Alpine:v3.19'],
      'openssl',
    ],
    ['Rocky', one('rpm', 'bash', on('rocky', '9.3')), ['Rocky Linux:9'], 'bash'],
    ['Red Hat, by any of its repositories', one('rpm', 'bash', on('rhel', '9.3')), ['Red Hat:enterprise_linux:9::baseos'], 'bash'],
  ])('%s', (_, given, ecosystems, name) => {
    const where = coordinatesOf(given)
    if (typeof where === 'string') throw new Error(where)
    expect(ecosystems.map((ecosystem) => isOfEcosystem(ecosystem, where))).toEqual(ecosystems.map(() => true))
    expect(where.names.map((each) => keyOf(where.ecosystem, each))).toContain(`${where.ecosystem} ${name}`)
  })

  test.each<readonly [string, Package, string]>([
    ['another release', one('deb', 'a', on('debian', '12')), 'Debian:11'],
    ['a release that begins alike', one('deb', 'a', on('debian', '1')), 'Debian:12'],
    ['another distribution that begins alike', one('deb', 'a', on('debian', '12')), 'Debiana'],
    ['a certified build of Ubuntu', one('deb', 'a', on('ubuntu', '22.04')), 'Ubuntu:Pro:FIPS:22.04:LTS'],
    ['another service pack', one('rpm', 'a', on('sles', '15.5')), 'SUSE:Linux Enterprise Server 15 SP4'],
    ['a release of Red Hat that begins alike', one('rpm', 'a', on('rhel', '1')), 'Red Hat:enterprise_linux:10.0'],
    ['another product of openSUSE', one('rpm', 'a', on('opensuse-leap', '15.5')), 'openSUSE:Tumbleweed'],
    ['another ecosystem', one('npm', 'a'), 'PyPI'],
  ])('but not by %s', (_, given, ecosystem) => {
    const where = coordinatesOf(given)
    expect(typeof where === 'string' || isOfEcosystem(ecosystem, where)).toBe(false)
  })

  test.each([
    ['a distribution without advisories', on('plan9', '4')],
    ['no distribution', {}],
  ])('and of %s it is said', (_, more) => {
    expect(coordinatesOf(one('deb', 'a', more))).toEqual(expect.stringContaining('no advisories are known of'))
  })

  test('a version of a source is what counts for it', () => {
    expect(coordinatesOf(one('deb', 'libc6', { version: '9', source, ...on('debian', '12') }))).toMatchObject({
      version: '2.36-9',
      scheme: 'dpkg',
    })
  })
})
