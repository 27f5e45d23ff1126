import { describe, expect, test } from '@jest/globals'
import { cargoLock } from './cargo-lock.ts'
import { composerLock } from './composer-lock.ts'
import { gemfileLock } from './gemfile-lock.ts'
import { goMod } from './go-mod.ts'
import { gradleLockfile } from './gradle-lockfile.ts'
import { toldBy } from './lock-file.fake.ts'
import { nugetLock } from './nuget-lock.ts'
import { pom } from './pom.ts'
import { unreadLock } from './unread.ts'

describe('go.mod', () => {
  const content = `module example.com/app // the project

go 1.22.0
toolchain go1.23.1

require github.com/a/b v1.2.3
require(
	github.com/BurntSushi/toml v1.3.2 // indirect
	"example.com/old" v1.0.0
	example.com/beside v0.0.0
	example.com/twice v1.0.0
)
exclude github.com/a/b v1.2.2
replace (
	example.com/old => example.com/new v1.1.0
	example.com/beside => ../beside
)
replace example.com/twice v0.9.0 => example.com/never v1.0.0
`
  test('names what is built in, replaced where that is said', async () => {
    const { packages, unscannable } = await toldBy(goMod, 'cmd/go.mod', content)
    expect(packages.map(({ namespace, name, version }) => [`${namespace}/${name}`, version])).toEqual([
      ['github.com/a/b', 'v1.2.3'],
      ['github.com/BurntSushi/toml', 'v1.3.2'],
      ['example.com/new', 'v1.1.0'],
      ['example.com/beside', ''],
      ['example.com/twice', 'v1.0.0'],
    ])
    expect(unscannable).toBeUndefined()
  })

  test.each([
    ['module x\nrequire a.b/c v1.0.0', true],
    ['module x\ngo 1.16\nrequire a.b/c v1.0.0', true],
    ['module x\ngo 1.17\nrequire a.b/c v1.0.0', false],
    ['module x\ngo 2.0\nrequire a.b/c v1.0.0', false],
    ['module x\n', false],
  ])('%j is incomplete: %p', async (text, incomplete) => {
    expect((await toldBy(goMod, 'go.mod', text)).unscannable !== undefined).toBe(incomplete)
  })
})

test('Cargo.lock lists crates with a source, and which of several versions is needed', async () => {
  const registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"'
  const checksum = 'ab'.repeat(32)
  const content = `version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a"]
[[package]]
name = "a"
version = "1.0.0"
${registry}
checksum = "${checksum}"
dependencies = ["b 2.0.0", "c", "b 1.0.0 (registry+x)"]
[[package]]
name = "b"
version = "1.0.0"
${registry}
[[package]]
name = "b"
version = "2.0.0"
${registry}
[[package]]
name = "c"
version = "3.0.0"
source = "git+https://example.com/c#abc"
`
  expect((await toldBy(cargoLock, 'Cargo.lock', content)).packages).toEqual([
    {
      ...{ type: 'cargo', name: 'a', version: '1.0.0', key: 'a 1.0.0', licenses: [], needs: ['b 2.0.0', 'c 3.0.0', 'b 1.0.0'] },
      hashes: [{ algorithm: 'SHA-256', hex: checksum }],
    },
    { type: 'cargo', name: 'b', version: '1.0.0', key: 'b 1.0.0', licenses: [] },
    { type: 'cargo', name: 'b', version: '2.0.0', key: 'b 2.0.0', licenses: [] },
    { type: 'cargo', name: 'c', version: '3.0.0', key: 'c 3.0.0', licenses: [] },
  ])
})

describe('pom.xml', () => {
  const dependency = (name: string, more: string): string =>
    `<dependency><groupId>org.x</groupId><artifactId>${name}</artifactId>${more}</dependency>`
  const property = (name: string): string => `<version>\${${name}}</version>`
  const project = (dependencies: string): string => `<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><parent><groupId>org.x</groupId><version>2.0</version></parent>
<properties><one>1.0</one><two>\${one}-jre</two><loop>\${loop}\${loop}</loop></properties>
<dependencyManagement><dependencies>${dependency('managed', '<version>4.0</version>')}${dependency('junit', '<scope>test</scope>')}</dependencies></dependencyManagement>
<dependencies>${dependencies}</dependencies></project>`

  test.each<[string, string, string]>([
    ['as it is written', '<version> 1.0 </version>', '1.0'],
    ['of a property of a property', property('two'), '1.0-jre'],
    ['of the parent', property('project.version'), '2.0'],
    ['of a range of one', '<version>[1.0]</version>', '1.0'],
    ['not of a range', '<version>[1.0,2.0)</version>', ''],
    ['not of a property that is elsewhere', property('other'), ''],
    ['not of a property of itself', property('loop'), ''],
    ['not of what a parent may say', '', ''],
  ])('has a version %s', async (_, written, version) => {
    const { packages, unscannable } = await toldBy(pom, 'pom.xml', project(dependency('a', written)))
    expect(packages).toEqual([{ type: 'maven', namespace: 'org.x', name: 'a', version, licenses: [] }])
    expect(unscannable).toMatch(/what that needs in turn/)
  })

  test('takes versions and scopes from its own list; with nothing that runs there is nothing to complain', async () => {
    const told = await toldBy(pom, 'a/pom.xml', project(dependency('managed', '<scope>provided</scope>') + dependency('junit', '')))
    expect(told.packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
      ['managed', '4.0', 'development'],
      ['junit', '', 'development'],
    ])
    expect(told.unscannable).toBeUndefined()
  })

  test.each<[string, string]>([
    ['an entity', '<!DOCTYPE p [<!ENTITY e "x">]><project>&e;</project>'],
    ['elements 200,000 deep', '<a>'.repeat(200_000)],
    ['an end that is missing', '<project><dependencies>'],
  ])('with %s is refused', async (_, content) => {
    await expect(toldBy(pom, 'pom.xml', content)).rejects.toThrow()
  })

  test('has no version of 300 MB', async () => {
    const property = `<properties><a>${'x'.repeat(2 ** 20)}</a></properties>`
    const many = ['$', '{a}'].join('').repeat(240)
    const dependency = `<dependency><groupId>g</groupId><artifactId>n</artifactId><version>${many}</version></dependency>`
    const { packages } = await toldBy(pom, 'pom.xml', `<project>${property}<dependencies>${dependency}</dependencies></project>`)
    expect(packages.map(({ name, version }) => [name, version])).toEqual([['n', '']])
  })

  test('is not taken for one when it is another document', async () => {
    expect((await toldBy(pom, 'pom.xml', '<settings/>')).unscannable).toBe('it has no <project>')
  })
})

test.each<[string, readonly (string | undefined)[]]>([
  ['gradle.lockfile', [undefined, 'development', undefined]],
  ['buildscript-gradle.lockfile', ['development', 'development', 'development']],
])('%s lists modules, and those of tests and builds as such', async (path, scopes) => {
  const content = `# comment
com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath,testRuntimeClasspath
junit:junit:4.13.2=testCompileClasspath,testRuntimeClasspath
org.x:y:1.0=runtimeClasspath
empty=annotationProcessor
`
  const { packages } = await toldBy(gradleLockfile, path, content)
  expect(packages.map(({ namespace, name, version }) => `${namespace}:${name}:${version}`)).toEqual([
    'com.google.guava:guava:31.1-jre',
    'junit:junit:4.13.2',
    'org.x:y:1.0',
  ])
  expect(packages.map(({ scope }) => scope)).toEqual(scopes)
})

test('a lock file for each configuration, as Gradle wrote until version 6, is for what its name says', async () => {
  const scope = async (name: string): Promise<unknown> =>
    (await toldBy(gradleLockfile, `gradle/dependency-locks/${name}.lockfile`, 'a:b:1')).packages[0]?.scope
  expect(await Promise.all(['runtimeClasspath', 'testRuntimeClasspath'].map(scope))).toEqual([undefined, 'development'])
})

test('packages.lock.json lists the packages of each framework, without projects', async () => {
  const contentHash = Buffer.alloc(64, 1).toString('base64')
  const { packages } = await toldBy(nugetLock, 'packages.lock.json', {
    version: 1,
    dependencies: {
      'net8.0': {
        Serilog: { type: 'Direct', requested: '[3.1.1, )', resolved: '3.1.1', contentHash, dependencies: { 'serilog.sinks': '5.0.0' } },
        'Serilog.Sinks': { type: 'Transitive', resolved: '5.0.0' },
        app: { type: 'Project', dependencies: { Serilog: '3.1.1' } },
      },
    },
  })
  expect(packages).toEqual([
    {
      ...{ type: 'nuget', name: 'Serilog', version: '3.1.1', key: 'net8.0 serilog', licenses: [], needs: ['net8.0 serilog.sinks'] },
      hashes: [{ algorithm: 'SHA-512', hex: '01'.repeat(64) }],
    },
    { type: 'nuget', name: 'Serilog.Sinks', version: '5.0.0', key: 'net8.0 serilog.sinks', licenses: [] },
  ])
})

test('Gemfile.lock lists gems with their platforms, without those of a path', async () => {
  const content = `GIT
  remote: https://example.com/x.git
  revision: abc
  specs:
    x (0.1.0)
      rake

PATH
  remote: .
  specs:
    app (1.0.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)
    rake (13.0.6)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  nokogiri (= 1.15.4)
  x!

CHECKSUMS
  rake (13.0.6) sha256=abc
`
  const { packages } = await toldBy(gemfileLock, 'Gemfile.lock', content)
  expect(packages.map(({ name, version, qualifiers, needs }) => [name, version, qualifiers?.['platform'], needs])).toEqual([
    ['x', '0.1.0', undefined, ['rake']],
    ['nokogiri', '1.15.4', 'x86_64-linux', ['racc']],
    ['racc', '1.7.1', undefined, []],
    ['rake', '13.0.6', undefined, []],
  ])
})

test('composer.lock lists both of its sections', async () => {
  const { packages } = await toldBy(composerLock, 'composer.lock', {
    packages: [{ name: 'monolog/monolog', version: '3.5.0', license: ['MIT'], require: { php: '>=8', 'psr/log': '^2' } }],
    'packages-dev': [{ name: 'phpunit/phpunit', version: '10.0.0' }],
  })
  expect(packages.map(({ name, scope, needs }) => [name, scope, needs])).toEqual([
    ['monolog', undefined, ['psr/log']],
    ['phpunit', 'development', undefined],
  ])
})

test.each(['bun.lockb', 'mix.lock', 'Podfile.lock', 'packages.config', 'a/Gopkg.lock'])('%s is named as not read', async (path) => {
  expect((await toldBy(unreadLock, path, 'x')).unscannable).toMatch(/not read/)
})
