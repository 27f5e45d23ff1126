import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfLayers, type LayerFiles } from '../image.fake.ts'
import type { Inventory } from '../package.ts'

const folder = temporaryFolder()
const inventory = (...layers: readonly LayerFiles[]): Promise<Inventory> => inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), layers)

describe('packages of Python', () => {
  const metadata = `Metadata-Version: 2.1\nName: Jaraco.Text_x\nVersion: 3.0\nLicense: MIT\nRequires-Dist: idna (<4,>=2.5)\nRequires-Dist: pytest ; extra == 'test'\n\nName: not this one\n`
  test('have the normalised name, and need what no extra asks for', async () => {
    const { packages } = await inventory({
      'usr/lib/python3/dist-packages/Jaraco.Text_x-3.0.dist-info/METADATA': metadata,
      'usr/lib/python3/dist-packages/idna-3.4.egg-info/PKG-INFO':
        'Name: idna\nVersion: 3.4\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n',
      'usr/lib/python3/dist-packages/pytest.egg-info': 'Name: pytest\nVersion: 7\n',
      'usr/lib/python3/site-packages/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO': 'Name: six\nVersion: 1.16.0\n',
    })
    expect(packages.map(({ purl, licenses, dependsOn }) => [purl, licenses, dependsOn])).toEqual([
      ['pkg:pypi/idna@3.4', ['BSD License'], undefined],
      ['pkg:pypi/jaraco-text-x@3.0', ['MIT'], ['pkg:pypi/idna@3.4']],
      ['pkg:pypi/pytest@7', [], undefined],
      ['pkg:pypi/six@1.16.0', [], undefined],
    ])
  })
})

test('gems are read from their specifications', async () => {
  const spec = `Gem::Specification.new do |s|\n  s.name = "rake".freeze\n  s.version = "13.0.6"\n  s.licenses = ["MIT".freeze]\n  s.add_runtime_dependency(%q<json>.freeze, [">= 1"])\nend\n`
  const native = `Gem::Specification.new do |s|\n  s.name = "json"\n  s.version = Gem::Version.new("2.6.1")\n  s.platform = "x86_64-linux".freeze\nend\n`
  const { packages, unscannable } = await inventory({
    'usr/lib/ruby/specifications/default/rake-13.0.6.gemspec': spec,
    'usr/lib/ruby/specifications/json-2.6.1.gemspec': native,
    'usr/lib/ruby/specifications/odd.gemspec': 'Gem::Specification.new { |s| s.name = NAME }',
    'src/not-installed.gemspec': spec,
  })
  expect(packages.map(({ purl, licenses, dependsOn }) => [purl, licenses, dependsOn])).toEqual([
    ['pkg:gem/json@2.6.1?platform=x86_64-linux', [], undefined],
    ['pkg:gem/rake@13.0.6', ['MIT'], ['pkg:gem/json@2.6.1?platform=x86_64-linux']],
  ])
  expect(unscannable.map(({ path }) => path)).toEqual(['usr/lib/ruby/specifications/odd.gemspec'])
})

test.each([
  ['version 2', (packages: readonly object[]) => ({ packages, dev: false })],
  ['version 1', (packages: readonly object[]) => packages],
])('packages of Composer are read from its file in %s', async (_, shape) => {
  const list = [
    { name: 'monolog/monolog', version: '3.5.0', license: ['MIT'], require: { php: '>=8', 'psr/log': '^2' } },
    { name: 'psr/log', version: '2.0.0' },
  ]
  const { packages } = await inventory({ 'app/vendor/composer/installed.json': JSON.stringify(shape(list)) })
  expect(packages.map(({ purl, licenses, dependsOn }) => [purl, licenses, dependsOn])).toEqual([
    ['pkg:composer/monolog/monolog@3.5.0', ['MIT'], ['pkg:composer/psr/log@2.0.0']],
    ['pkg:composer/psr/log@2.0.0', [], undefined],
  ])
})

test('packages of .NET are those that an application was published with, without its own projects', async () => {
  const sha512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
  const file = {
    targets: {
      '.NETCoreApp,Version=v8.0': {
        'app/1.0.0': { dependencies: { Serilog: '3.1.1' } },
        'Serilog/3.1.1': { dependencies: { 'Serilog.Sinks': '5.0.0' } },
      },
    },
    libraries: {
      'app/1.0.0': { type: 'project', sha512: '' },
      'Serilog/3.1.1': { type: 'package', sha512 },
      'Serilog.Sinks/5.0.0': { type: 'package' },
    },
  }
  const { packages } = await inventory({ 'app/app.deps.json': `\ufeff${JSON.stringify(file)}` })
  expect(packages.map(({ purl, hashes, dependsOn }) => [purl, hashes?.[0]?.hex, dependsOn])).toEqual([
    ['pkg:nuget/Serilog.Sinks@5.0.0', undefined, undefined],
    ['pkg:nuget/Serilog@3.1.1', '01'.repeat(64), ['pkg:nuget/Serilog.Sinks@5.0.0']],
  ])
})

test.each<[string, string]>([
  ['app/app.deps.json', '{"libraries": 3}'],
  ['app/vendor/composer/installed.json', '{"packages": [{"name": 1}]}'],
])('%s that makes no sense is named as not read', async (path, content) => {
  expect((await inventory({ [path]: content })).unscannable.map((one) => one.path)).toEqual([path])
})
