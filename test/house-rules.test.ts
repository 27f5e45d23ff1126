/** What holds in every file of ours. Each rule has its own tests in test/checkers. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { circles, doorViolations, layerViolations, namedTaskViolations, type Source, yamlTextViolations } from './checkers/sources.ts'

const repository = dirname(import.meta.dirname)
const all: readonly Source[] = ['src', 'test', 'scripts', 'bench']
  .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: repository }))
  .filter((path) => !path.includes('/fixtures/'))
  .toSorted()
  .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))
const sources = all.filter(({ path }) => path.startsWith('src/'))
/** What is bundled: neither tests nor the stand-ins that they use. */
const shipped = sources.filter(({ path }) => !/\.(?:test|types-test|fake)\.ts$/.test(path))
const tests = all.filter(({ path }) => path.endsWith('.test.ts'))
const tasks = globSync('src/tasks/*/', { cwd: repository }).map((path) => basename(path))

const having = (files: readonly Source[], pattern: RegExp): readonly string[] =>
  files.flatMap(({ path, text }) => {
    const line = text.split('\n').findIndex((one) => pattern.test(one))
    return line === -1 ? [] : [`${path}:${line + 1}`]
  })

/** Programs that tests keep as texts are not tests of ours. */
const withoutTemplates = (files: readonly Source[]): readonly Source[] =>
  files.map(({ path, text }) => ({ path, text: text.replace(/`(?:[^`\\]|\\.)*`/gs, (whole) => whole.replace(/[^\n]/g, ' ')) }))

test('there are files to look at', () => {
  expect([shipped, tests, tasks].every(({ length }) => length > 0)).toBe(true)
})

describe('layers', () => {
  it('only see what is left of them', () => {
    expect(layerViolations(shipped)).toEqual([])
  })

  it('have no circle of imports', () => {
    expect(circles(shipped)).toEqual([])
  })

  it('touch the outside world only where they may', () => {
    expect(doorViolations(shipped)).toEqual([])
  })

  it.each(globSync('src/*/', { cwd: repository }))('%s has a README of at most 25 lines', (layer) => {
    const path = join(repository, layer, 'README.md')
    expect(existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').length : 'none').toBeLessThanOrEqual(25)
  })
})

describe('sources', () => {
  it('are at most 300 lines long', () => {
    expect(shipped.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ path }) => path)).toEqual([])
  })

  it('are named for what they are about', () => {
    const vague = /(?:^|\/)(?:utils?|helpers|common|misc|shared|manager|service)(?:\/|\.ts$)/
    expect(sources.filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([])
  })

  it('leave nothing to be done, and silence no checker', () => {
    expect(having(shipped, /(?:\/\/|\*)\s*(?:TODO|FIXME|XXX)\b/)).toEqual([])
    expect(having(all, /(?:@ts-(?:ignore|nocheck)|biome-ignore|eslint-disable|prettier-ignore)(?!\S*\|)/)).toEqual([])
    expect(having(shipped, /as unknown as/)).toEqual([])
  })

  it('never name the files that would change the environment of later steps, except to keep them from others', () => {
    const named = shipped
      .filter(({ text }) => /['"`]GITHUB_(?:ENV|PATH)['"`]|\bGITHUB_(?:ENV|PATH)\b(?=\])/.test(text))
      .map(({ path }) => path)
    expect(named).toEqual(['src/io/process-environment.ts'])
  })

  it('make YAML of objects, never of text', () => {
    expect(yamlTextViolations(shipped)).toEqual([])
  })

  it('emit without knowing any task by its name', () => {
    expect(
      namedTaskViolations(
        shipped.filter(({ path }) => path.startsWith('src/emit/')),
        tasks,
      ),
    ).toEqual([])
  })
})

describe('errors', () => {
  const declared = shipped.flatMap(({ path, text }) =>
    [...text.matchAll(/\bcode: '(SW-[A-Z0-9-]+)'/g)].map(([, code = '']) => ({ path, code })),
  )

  it('have a code of their own', () => {
    const codes = declared.map(({ code }) => code)
    expect(declared.filter(({ code }, place) => codes.indexOf(code) !== place)).toEqual([])
  })

  it('are documented', () => {
    const page = readFileSync(join(repository, 'docs/errors.md'), 'utf8')
    expect(declared.filter(({ code }) => !page.includes(`\n## ${code}\n`))).toEqual([])
  })
})

describe('tests', () => {
  it('are never skipped, but where a machine lacks what they compare with', () => {
    expect(having(withoutTemplates(tests), /\b(?:it|test|describe)\.(?:skip|only|todo|failing)\s*[.(]|\bx(?:it|describe|test)\(/)).toEqual(
      [],
    )
  })

  it('import their globals', () => {
    expect(tests.filter(({ text }) => !text.includes("from '@jest/globals'")).map(({ path }) => path)).toEqual([])
  })
})
