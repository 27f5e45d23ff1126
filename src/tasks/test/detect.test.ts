import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type DetectOptions, detectRunners } from './detect.ts'

type Tree = Readonly<Record<string, string>>

const plant = (tree: Tree): string => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const detect = async (tree: Tree, more: Partial<DetectOptions> = {}) =>
  detectRunners({ folder: plant(tree), nodeOptions: '', measure: false, has: async () => true, ...more })

const folders = { reports: '/r', temporary: '/t' }

const script = (test: string): string => JSON.stringify({ scripts: { test } })

test.each<[string, Tree, readonly string[]]>([
  ['npm', { 'package.json': script('node --test') }, ['npm', 'test']],
  ['npm by its lock file', { 'package.json': script('node --test'), 'package-lock.json': '{}' }, ['npm', 'test']],
  ['pnpm by its lock file', { 'package.json': script('node --test'), 'pnpm-lock.yaml': '' }, ['pnpm', 'test']],
  ['yarn by its lock file', { 'package.json': script('node --test'), 'yarn.lock': '' }, ['yarn', 'test']],
  [
    'the named package manager',
    { 'package.json': '{"packageManager":"pnpm@10.1.0","scripts":{"test":"x"}}', 'yarn.lock': '' },
    ['pnpm', 'test'],
  ],
  ['jest', { 'package.json': script('jest') }, ['npm', 'test', '--', '--json', '--outputFile=/r/jest.json', '--testLocationInResults']],
  [
    'jest with pnpm',
    { 'package.json': script('jest'), 'pnpm-lock.yaml': '' },
    ['pnpm', 'test', '--json', '--outputFile=/r/jest.json', '--testLocationInResults'],
  ],
  [
    'vitest',
    { 'package.json': script('vitest run') },
    ['npm', 'test', '--', '--reporter=default', '--reporter=json', '--outputFile.json=/r/vitest.json'],
  ],
  ['mocha', { 'package.json': script('mocha') }, ['npm', 'test', '--', '--reporter', 'xunit', '--reporter-option', 'output=/r/mocha.xml']],
  ['ava', { 'package.json': script('ava') }, ['npm', 'test', '--', '--tap']],
  ['Maven', { 'pom.xml': '' }, ['mvn', '--batch-mode', '--no-transfer-progress', '--fail-at-end', 'test']],
  ['Maven by its wrapper', { 'pom.xml': '', mvnw: '' }, ['./mvnw', '--batch-mode', '--no-transfer-progress', '--fail-at-end', 'test']],
  ['Gradle', { 'build.gradle': '' }, ['gradle', '--console=plain', '--continue', 'test']],
  ['Gradle by its wrapper', { 'settings.gradle.kts': '', gradlew: '' }, ['./gradlew', '--console=plain', '--continue', 'test']],
  ['.NET', { 'Shop.sln': '' }, ['dotnet', 'test', '--logger', 'trx', '--results-directory', '/r']],
  ['.NET without a solution', { 'Shop.csproj': '' }, ['dotnet', 'test', '--logger', 'trx', '--results-directory', '/r']],
  ['Go', { 'go.mod': '' }, ['go', 'test', '-json', './...']],
  ['Cargo', { 'Cargo.toml': '' }, ['cargo', 'test', '--no-fail-fast']],
  ['pytest', { 'pytest.ini': '' }, ['pytest', '--junitxml=/r/pytest.xml', '-o', 'junit_family=xunit1']],
  [
    'pytest in pyproject.toml',
    { 'pyproject.toml': '[tool.pytest.ini_options]\n' },
    ['pytest', '--junitxml=/r/pytest.xml', '-o', 'junit_family=xunit1'],
  ],
  [
    'pytest with uv',
    { 'tests/conftest.py': '', 'uv.lock': '' },
    ['uv', 'run', 'pytest', '--junitxml=/r/pytest.xml', '-o', 'junit_family=xunit1'],
  ],
])('%s', async (_, tree, argv) => {
  const [runner] = await detect(tree)
  expect(runner?.plan(folders).argv).toEqual(argv)
})

test.each<[string, Tree]>([
  ['an empty folder', {}],
  ['a package.json without a test script', { 'package.json': '{}' }],
  ['the script that npm init writes', { 'package.json': script('echo "Error: no test specified" && exit 1') }],
  ['a pyproject.toml without pytest', { 'pyproject.toml': '[project]\nname = "x"\n' }],
  ['a project one folder below', { 'service/go.mod': '' }],
])('none in %s', async (_, tree) => {
  expect(await detect(tree)).toEqual([])
})

test('all are told, in a fixed order', async () => {
  const runners = await detect({ 'Cargo.toml': '', 'go.mod': '', 'package.json': script('jest') })
  expect(runners.map(({ name, because }) => [name, because])).toEqual([
    ['npm with jest', 'package.json'],
    ['Go', 'go.mod'],
    ['Cargo', 'Cargo.toml'],
  ])
})

test('a package.json that is no JSON is told, not passed over', async () => {
  await expect(detect({ 'package.json': '{' })).rejects.toMatchObject({ code: 'SW-FILE-MALFORMED' })
})

describe('what makes them report', () => {
  test('Node gets a reporter by its options, unless it cannot take one', async () => {
    const tree = { 'package.json': script('node --test') }
    const [runner] = await detect(tree, { nodeOptions: '--enable-source-maps' })
    expect(runner?.plan(folders)).toMatchObject({
      env: {
        NODE_OPTIONS: expect.stringMatching(/^--enable-source-maps .*--test-reporter=file:\/\/\/t\/node-reporter\.mjs\?folder=%2Fr /),
      },
      reports: { own: ['node-*.xml'] },
    })
    expect((await detect(tree, { nodeOptions: undefined }))[0]?.plan(folders).env).toBeUndefined()
  })

  test('Go and .NET measure coverage only when it is asked for', async () => {
    expect((await detect({ 'go.mod': '' }, { measure: true }))[0]?.plan(folders).argv).toContain('-coverprofile=/r/cover.out')
    expect((await detect({ 'a.sln': '' }, { measure: true }))[0]?.plan(folders).argv).toContain('XPlat Code Coverage')
  })

  test('pytest runs in the Python that is there when there is no program of that name', async () => {
    const [runner] = await detect({ 'pytest.ini': '' }, { has: async () => false })
    expect(runner?.command).toBe('python3 -m pytest')
  })
})
