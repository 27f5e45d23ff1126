import { describe, expect, it } from '@jest/globals'
import { circles, doorViolations, layerViolations, namedTaskViolations, type Source, yamlTextViolations } from './sources.ts'

const source = (path: string, text: string): readonly Source[] => [{ path, text }]

describe('layerViolations', () => {
  it.each([
    ['src/base/a.ts', "import { b } from '../spec/b.ts'"],
    ['src/spec/a.ts', "import type { B } from '../io/b.ts'"],
    ['src/emit/a.ts', "import { b } from '../host/b.ts'"],
    ['src/host/tekton/a.ts', "export { b } from '../../io/b.ts'"],
    ['src/io/a.ts', "const b = await import('../domain/b.ts')"],
    ['src/domain/oci/a.ts', "import '../../tasks/push/task.ts'"],
    ['src/tasks/push/run.ts', "import {\n  a,\n  b,\n} from '../build/run.ts'"],
    ['src/tasks/push/run.ts', "import { tasks } from '../registry.ts'"],
    ['src/report/a.ts', "import { b } from '../pipeline/b.ts'"],
    ['src/pipeline/a.ts', "import { b } from '../cli/b.ts'"],
  ])('finds the arrow to the right in %s', (path, text) => {
    expect(layerViolations(source(path, text))).toEqual([expect.stringContaining(`${path} → src/`)])
  })

  it.each([
    ['src/spec/a.ts', "import { b } from '../base/b.ts'"],
    ['src/tasks/push/run.ts', "import { a } from './a.ts'\nimport { b } from '../../domain/oci/b.ts'"],
    ['src/tasks/registry.ts', "import { task } from './push/task.ts'"],
    ['src/cli/a.ts', "import { b } from '../pipeline/b.ts'\nimport { join } from 'node:path'"],
    ['src/base/a.ts', "// from '../spec/b.ts'\n/* import '../io/c.ts' */"],
  ])('has nothing against %s', (path, text) => {
    expect(layerViolations(source(path, text))).toEqual([])
  })
})

describe('circles', () => {
  it('finds a way back', () => {
    const sources = [
      ...source('src/a.ts', "import { b } from './b.ts'"),
      ...source('src/b.ts', "export { c, type C } from './c/c.ts'"),
      ...source('src/c/c.ts', "import { a } from '../a.ts'"),
    ]
    expect(circles(sources)).toEqual(['src/a.ts → src/b.ts → src/c/c.ts → src/a.ts'])
  })

  it('has nothing against a way back that is only known to the compiler', () => {
    const sources = [...source('src/a.ts', "import { b } from './b.ts'"), ...source('src/b.ts', "import type { A } from './a.ts'")]
    expect(circles(sources)).toEqual([])
  })

  it('has nothing against two ways to one file', () => {
    const sources = [
      ...source('src/a.ts', "import './b.ts'\nimport './c.ts'"),
      ...source('src/b.ts', "import './c.ts'"),
      ...source('src/c.ts', ''),
    ]
    expect(circles(sources)).toEqual([])
  })
})

describe('doorViolations', () => {
  it.each([
    ['src/io/a.ts', 'process.env'],
    ['src/cli/a.ts', "import { env } from 'node:process'"],
    ['src/host/a.ts', 'console.log(1)'],
    ['src/host/a.ts', "import { spawn } from 'node:child_process'"],
    ['src/domain/a.ts', "import { request } from 'node:https'"],
    ['src/domain/a.ts', "import { lookup } from 'node:dns/promises'"],
    ['src/tasks/push/run.ts', "await fetch('https://example.com')"],
    ['src/tasks/push/run.ts', "import { readFile } from 'node:fs/promises'"],
    ['src/pipeline/a.ts', "const { readFile } = await import('node:fs')"],
    ['src/base/a.ts', "eval('1')"],
  ])('finds in %s: %s', (path, text) => {
    expect(doorViolations(source(path, text))).toHaveLength(1)
  })

  it.each([
    ['src/host/a.ts', "process.env['CI']; import { readFileSync } from 'node:fs'"],
    ['src/io/a.ts', "import { spawn } from 'node:child_process'; import { request } from 'node:http'; import 'node:fs/promises'"],
    ['src/base/a.ts', '// console.log(process.env)'],
    ['src/domain/a.ts', 'await remote.fetch(1); this.#fetch(2)'],
    ['src/tasks/test/a.ts', "const program = `import { readFileSync } from 'node:fs'\n`"],
  ])('has nothing against %s: %s', (path, text) => {
    expect(doorViolations(source(path, text))).toEqual([])
  })
})

describe('yamlTextViolations', () => {
  it.each(['const a = `apiVersion: v1\nkind: Task\n`', 'const a = `\n  runs:\n    using: node24\n`', "const a = 'name: a\\nsteps:\\n'"])(
    'finds %j',
    (text) => {
      expect(yamlTextViolations(source('src/emit/a.ts', text))).toHaveLength(1)
    },
  )

  it.each(["const a = { apiVersion: 'tekton.dev/v1', kind: 'Task' }", 'const a = `kind x: expected`', "const a = 'spec: of what'"])(
    'has nothing against %j',
    (text) => {
      expect(yamlTextViolations(source('src/emit/a.ts', text))).toEqual([])
    },
  )
})

it.each([
  ["if (name === 'push') return", 1],
  ['`push`', 1],
  ["list.push('x')", 0],
  ["// 'push'", 0],
])('namedTaskViolations of %j: %i', (text, count) => {
  expect(namedTaskViolations(source('src/emit/a.ts', text), ['push', 'build'])).toHaveLength(count)
})
