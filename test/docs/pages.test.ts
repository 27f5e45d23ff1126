/** What the pages say of the repository is so. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { CORE_SCHEMA, load } from 'js-yaml'
import { anchors, links, type Page, pages, samples, targetOf, yamlBlocks } from './pages.ts'
import { wrongUses } from './uses.ts'

const repository = dirname(dirname(import.meta.dirname))
const text = (path: string): string => readFileSync(join(repository, path), 'utf8')
const once = <Value>(make: (path: string) => Value): ((path: string) => Value) => {
  const made = new Map<string, Value>()
  return (path) => {
    const value = made.get(path) ?? make(path)
    made.set(path, value)
    return value
  }
}
const anchorsOf = once((path) => anchors(text(path)))
const validatorOf = once((schema) =>
  new Ajv({ allowUnionTypes: true, strict: true, allErrors: true }).compile(JSON.parse(text(`schemas/${schema}.schema.json`)) as object),
)
const documented = [...text('docs/errors.md').matchAll(/^## (SW-\S+)$/gm)].map(([, code = '']) => code)
const pageOf = (path: string): Page | undefined => pages.find((page) => page.path === path)

test('there are pages and samples to look at', () => {
  expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/guides/github.md', 'docs/tasks/push.md']))
  expect(samples.map(({ path }) => path)).toEqual(expect.arrayContaining(['examples/hello-node/.github/workflows/release.yml']))
})

describe('links', () => {
  it.each(pages)('of $path lead to what is there', ({ path, text: page }) => {
    const dead = links(page).filter((link) => {
      const target = targetOf(path, link)
      if (!existsSync(join(repository, target.path))) return true
      return target.anchor !== undefined && !anchorsOf(target.path).has(target.anchor)
    })
    expect(dead).toEqual([])
  })

  it('lead from the README to every guide and example, and from the index to every decision', () => {
    const from = (path: string): readonly string[] =>
      links(pageOf(path)?.text ?? '').map((link) => targetOf(path, link).path.replace(/\/$/, ''))
    const guides = globSync('docs/guides/*.md', { cwd: repository })
    const folders = globSync('examples/*/', { cwd: repository }).map((path) => path.replace(/\/$/, ''))
    const reached = [...from('README.md'), ...guides.flatMap(from)].map((path) =>
      path
        .split('/')
        .slice(0, path.startsWith('examples/') ? 2 : 9)
        .join('/'),
    )
    expect([...guides, ...folders].filter((path) => !reached.includes(path))).toEqual([])
    expect(guides.filter((path) => !from('README.md').includes(path))).toEqual([])
    const decisions = globSync('docs/adr/[0-9]*.md', { cwd: repository })
    expect(decisions.filter((path) => !from('docs/adr/README.md').includes(path))).toEqual([])
  })
})

describe('what is shown', () => {
  it.each([...pages, ...samples])('in $path exists: tasks, inputs, outputs, parameters, flags', ({ text: page }) => {
    expect(wrongUses(page)).toEqual([])
  })

  it.each(pages)('in $path as an error has its page', ({ text: page }) => {
    const named = [...page.matchAll(/\bSW(?:-[A-Z0-9]+)+(-\*)?/g)].map(([code]) => code)
    const isKnown = (code: string): boolean =>
      code.endsWith('-*') ? documented.some((one) => one.startsWith(code.slice(0, -1))) : documented.includes(code)
    expect(named.filter((code) => !isKnown(code))).toEqual([])
  })
})

describe('files that are named', () => {
  const inCode = (page: string, pattern: RegExp): readonly string[] => [...page.matchAll(pattern)].map(([, name = '']) => name)

  it.each(pages.filter(({ path }) => /^src\/.*README\.md$/.test(path)))(
    'in $path are in its folder, or below src',
    ({ path, text: page }) => {
      const below = globSync('**/*.ts', { cwd: join(repository, dirname(path)) })
      const isThere = (name: string): boolean =>
        below.some((one) => one === name || one.endsWith(`/${name}`)) ||
        ['src', '.'].some((folder) => existsSync(join(repository, folder, name)))
      expect(inCode(page, /`([\w./-]+\.ts)`/g).filter((name) => !isThere(name))).toEqual([])
    },
  )

  it.each(pages)('in $path by their path are there', ({ text: page }) => {
    const named = inCode(page.replace(/^```.*?^```/gms, ''), /`((?:src|test|scripts|bench|docs|schemas)\/[\w./-]+)`/g)
    expect(named.filter((name) => !existsSync(join(repository, name)))).toEqual([])
  })
})

/** The schema of a file, by a key that no other file begins with. */
const schemas: readonly (readonly [key: string, schema: string])[] = [
  ['tasks', 'slipway'],
  ['signers', 'verify-policy'],
  ['projects', 'harbor-projects'],
  ['exceptions', 'scan-exceptions'],
  ['fail-on', 'scan-policy'],
]

describe('files that are shown', () => {
  const shown = [...pages, ...samples].flatMap(({ path, text: page }) =>
    yamlBlocks(page).flatMap((code, index) => {
      // A digest that is left out is one.
      const value = load(code.replaceAll('sha256:…', `sha256:${'0'.repeat(64)}`), { schema: CORE_SCHEMA })
      if (typeof value !== 'object' || value === null || Array.isArray(value) || 'apiVersion' in value) return []
      const [, schema] = schemas.find(([key]) => key in value) ?? []
      return schema === undefined ? [] : [{ path, index, schema, value }]
    }),
  )

  it('are of every kind that has a schema', () => {
    expect(new Set(shown.map(({ schema }) => schema))).toEqual(new Set(schemas.map(([, schema]) => schema)))
  })

  it.each(shown)('in $path, block $index, keep $schema.schema.json', ({ schema, value }) => {
    const validate = validatorOf(schema)
    validate(value)
    expect(validate.errors ?? []).toEqual([])
  })
})

test('docs/dependencies.md has every package, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(text('package.json')) as Record<'dependencies' | 'devDependencies', object>
  const rows = [...text('docs/dependencies.md').matchAll(/^\| (`[^|]+`) *\|/gm)].map(([, cell = '']) => cell)
  const named = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
  expect(named.toSorted()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted())
})

test('ARCHITECTURE.md names every folder at the top', () => {
  const tree = text('ARCHITECTURE.md')
  const folders = globSync('*/', { cwd: repository }).map((path) => posix.basename(path.replace(/\/$/, '')))
  const ours = folders.filter((name) => !['node_modules', 'build', 'coverage'].includes(name))
  expect(ours.filter((name) => !tree.includes(`${name}/`))).toEqual([])
})
