import { describe, expect, test } from '@jest/globals'
import { toldBy } from '../lock-file.fake.ts'
import type { LockFile } from '../lock-file.ts'
import { pdmLock } from './pdm-lock.ts'
import { pipfileLock } from './pipfile-lock.ts'
import { poetryLock } from './poetry-lock.ts'
import { requirements } from './requirements.ts'
import { uvLock } from './uv-lock.ts'

const poetry1 = `
[[package]]
name = "Jaraco.Text"
version = "3.10"
category = "main"
optional = false
[package.dependencies]
idna = {version = ">=2", markers = "x"}
[[package]]
name = "idna"
version = "3.4"
category = "main"
[[package]]
name = "pytest"
version = "8.0.0"
category = "dev"
[[package]]
name = "local"
version = "0"
category = "main"
[package.source]
type = "directory"
url = "../local"
[metadata]
lock-version = "1.1"
`
const poetry2 = poetry1.replaceAll('category = "main"', 'groups = ["main", "dev"]').replaceAll('category = "dev"', 'groups = ["dev"]')
const pdm = `
[metadata]
groups = ["default", "dev"]
[[package]]
name = "jaraco-text"
version = "3.10"
groups = ["default"]
dependencies = ["IDNA>=2; python_version > '3'"]
[[package]]
name = "idna"
version = "3.4"
groups = ["default", "dev"]
[[package]]
name = "pytest"
version = "8.0.0"
groups = ["dev"]
[[package]]
name = "local"
version = "0"
path = "./local"
groups = ["default"]
`
const uv = `
version = 1
[[package]]
name = "app"
version = "1.0.0"
source = { virtual = "." }
dependencies = [{ name = "jaraco-text" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }, { name = "idna" }]
[[package]]
name = "jaraco-text"
version = "3.10"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "idna", version = "3.4", marker = "x" }]
[[package]]
name = "idna"
version = "3.4"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "pytest"
version = "8.0.0"
source = { registry = "https://pypi.org/simple" }
`

test.each<[string, LockFile, string]>([
  ['poetry.lock', poetryLock, poetry1],
  ['poetry.lock', poetryLock, poetry2],
  ['pdm.lock', pdmLock, pdm],
  ['uv.lock', uvLock, uv],
])('%s lists what is installed, and needs within it (%#)', async (path, lockFile, content) => {
  const { packages } = await toldBy(lockFile, path, content)
  expect(packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
    ['jaraco-text', '3.10', undefined],
    ['idna', '3.4', undefined],
    ['pytest', '8.0.0', 'development'],
  ])
  expect(packages[0]?.needs).toEqual([packages[1]?.key])
})

test('Pipfile.lock lists all of its sections; of what comes from a repository the version is not known', async () => {
  const { packages } = await toldBy(pipfileLock, 'Pipfile.lock', {
    default: {
      Requests: { version: '==2.31.0', hashes: [] },
      'from-git': { git: 'https://x', ref: 'abc' },
      local: { path: '.', editable: true },
    },
    develop: { pytest: { version: '==8.0.0' } },
    production: { gunicorn: { version: '==22.0.0' } },
    _meta: { hash: { sha256: 'x' }, sources: [] },
  })
  expect(packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
    ['requests', '2.31.0', undefined],
    ['from-git', '', undefined],
    ['gunicorn', '22.0.0', undefined],
    ['pytest', '8.0.0', 'development'],
  ])
})

describe('requirements', () => {
  const content = [
    '# a comment',
    '--index-url https://example.com/simple',
    '-r requirements/base.txt',
    '-c other.txt',
    'Requests[socks]==2.31.0 ; python_version > "3" \\',
    '    --hash=sha256:abc \\',
    '    --hash=sha256:def  # why',
    'flask >= 2, < 3',
    'wild==1.*',
    'three===1.0+local',
    'bare',
    'direct @ https://example.com/direct-1.0-py3-none-any.whl',
  ].join('\r\n')

  test('have a version only where it is pinned', async () => {
    const { packages, unscannable } = await toldBy(requirements, 'requirements.txt', content)
    expect(packages.map(({ name, version }) => [name, version])).toEqual([
      ['requests', '2.31.0'],
      ['flask', ''],
      ['wild', ''],
      ['three', '1.0+local'],
      ['bare', ''],
      ['direct', ''],
    ])
    expect(unscannable).toBeUndefined()
  })

  test.each(['-e .', 'git+https://example.com/x.git', './local/x.whl', 'a b c', '-r other.txt', '--requirement=../x.txt'])(
    'that name no package are named: %s',
    async (line) => {
      const { packages, unscannable } = await toldBy(requirements, 'base-requirements.txt', `a==1\n${line}\n`)
      expect(packages).toHaveLength(1)
      expect(unscannable).toBe(`1 of its lines name no package: ${line}`)
    },
  )

  test.each(['requirements-dev.txt', 'test-requirements.txt', 'docs/requirements.txt'])('of %s are for development', async (path) => {
    const { packages, unscannable } = await toldBy(requirements, path, 'a==1\n-e .')
    expect([packages.map(({ scope }) => scope), unscannable]).toEqual([['development'], undefined])
  })

  test('are looked for in a folder of that name too', async () => {
    const { packages } = await toldBy(requirements, 'app/requirements/base.txt', '-r common.txt\na==1')
    expect(packages.map(({ name }) => name)).toEqual(['a'])
  })

  test.each(['my-requirements.in', 'requirements.md', 'xrequirements.txt'])('are not looked for in %s', (path) => {
    expect(requirements.wants(path)).toBe(false)
  })
})

test.each<[string, LockFile, string, RegExp]>([
  ['no TOML', poetryLock, 'package = [', /TOML/i],
  ['arrays 200,000 deep', uvLock, `package = ${'['.repeat(200_000)}`, /nested/],
  ['keys of prototypes', pdmLock, '[[package]]\nname = "a"\n[package.__proto__]\nversion = "1"\n', /version/],
])('a lock file of %s is refused', async (_, lockFile, content, why) => {
  const [path] = ['poetry.lock', 'uv.lock', 'pdm.lock'].filter((name) => lockFile.wants(name))
  await expect(toldBy(lockFile, path ?? '', content)).rejects.toThrow(why)
})
