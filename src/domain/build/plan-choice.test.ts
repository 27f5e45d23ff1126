import { describe, expect, it, test } from '@jest/globals'
import { type Tree, tree } from './fixtures/tree.ts'
import { type ChoiceOptions, choosePlan } from './plan-choice.ts'

const auto: ChoiceOptions = { plan: 'auto', hasRules: false, needsStart: true }
const venv: Tree = { '.venv/pyvenv.cfg': '' }
const choose = async (files: Tree, options: Partial<ChoiceOptions> = {}, path = ''): Promise<string> => {
  await using context = await tree(files)
  const { name, why } = await choosePlan(`${context.folder}${path}`, { ...auto, ...options })
  return `${name}: ${why}`
}

describe('auto takes the plan of', () => {
  test.each<[string, Tree, string]>([
    ['Node', { 'package.json': '{}', 'pom.xml': '', 'index.html': '' }, 'node: package.json'],
    ['Maven', { 'pom.xml': '' }, 'java: pom.xml'],
    ['Gradle', { 'build.gradle.kts': '' }, 'java: build.gradle.kts'],
    ['a published .NET program', { 'App.runtimeconfig.json': '' }, 'dotnet: App.runtimeconfig.json'],
    ['a .NET project', { 'App.csproj': '' }, 'dotnet: App.csproj'],
    ['Go', { 'go.mod': '', 'index.html': '' }, 'go: go.mod'],
    ['Rust', { 'Cargo.toml': '' }, 'rust: Cargo.toml'],
    ['Python with an environment', { 'pyproject.toml': '', ...venv }, 'python: pyproject.toml and .venv'],
    ['Python without one', { 'requirements.txt': '' }, 'python: requirements.txt'],
    ['an environment alone', venv, 'python: .venv'],
    ['pages', { 'index.html': '' }, 'site: index.html'],
    ['a folder', { 'run.sh': '', 'sub/package.json': '' }, 'folder: nothing that says more than a folder'],
  ])('%s', async (_name, files, expected) => expect(await choose(files)).toBe(expected))

  test.each<[string, Tree, Partial<ChoiceOptions>, string]>([
    ['layers alone', { 'package.json': '{}' }, { hasRules: true }, 'layers: layers are given, and no plan'],
    ['what is asked for', { 'package.json': '{}' }, { plan: 'folder' }, 'folder: asked for'],
    [
      'files where they lie, when it is said what to start',
      { 'pom.xml': '' },
      { needsStart: false },
      'folder: nothing that says more than a folder',
    ],
    ['Node all the same', { 'package.json': '{}' }, { needsStart: false }, 'node: package.json'],
    ['an environment all the same', venv, { needsStart: false }, 'python: .venv'],
    ['pages for a known web server', { 'index.html': '' }, { base: 'mirror.example/library/nginx:1@sha256:0' }, 'site: index.html'],
    ['a folder for another base', { 'index.html': '' }, { base: 'mirror.example/shop:1' }, 'folder: nothing that says more than a folder'],
  ])('%s', async (_name, files, options, expected) => expect(await choose(files, options)).toBe(expected))
})

describe('a file is', () => {
  test.each<[string, Partial<ChoiceOptions>, string]>([
    ['/server', {}, 'static: the context is a file'],
    ['/app.jar', {}, 'java: the context is a jar'],
    ['/app.jar', { needsStart: false }, 'static: the context is a file'],
    ['/app.jar', { plan: 'java', needsStart: false }, 'java: asked for'],
  ])('%s %j: %s', async (path, options, expected) => {
    expect(await choose({ server: '', 'app.jar': '' }, options, path)).toBe(expected)
  })
})

describe('a plan that does not fit is refused', () => {
  test.each<[Partial<ChoiceOptions>, string, string]>([
    [{ plan: 'static' }, '', 'expected the file of the program'],
    [{ plan: 'node' }, '/server', 'expected a folder.'],
    [{ plan: 'java' }, '/server', 'expected a folder or a jar.'],
    [{ hasRules: true }, '/server', 'layers take files from the folder'],
  ])('%j of %j', async (options, path, message) => {
    await expect(choose({ server: '' }, options, path)).rejects.toMatchObject({
      code: 'SW-BUILD-PLAN',
      message: expect.stringContaining(message),
    })
  })

  it('as is a context that is not there', async () => {
    await expect(choose({}, {}, '/none')).rejects.toMatchObject({ code: 'SW-BUILD-CONTEXT-MISSING' })
  })
})
