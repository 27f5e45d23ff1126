/** CONTRIBUTING.md, "Add a task", done as it says in a copy of the repository. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { isGenerated } from '../src/emit/file.ts'

const repository = dirname(import.meta.dirname)
const copy = mkdtempSync(join(tmpdir(), 'slipway-contributor-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const files: Readonly<Record<string, string>> = {
  'errors.ts': `import { defineError } from '../../base/errors.ts'

export const ropeTooShort = defineError({
  code: 'SW-MOOR-ROPE',
  fault: 'input',
  title: 'The rope does not reach the quay.',
  causes: ['It was cut.'],
  fix: 'Give a longer \`rope\`.',
})
`,
  'task.ts': `import { defineTask } from '../../spec/define.ts'
import { integer } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { ropeTooShort } from './errors.ts'

export const task = defineTask({
  name: 'moor',
  summary: 'Tie the ship to the quay.',
  reads: [],
  writes: [],
  inputs: { rope: integer({ default: 10, summary: 'Length of the rope in metres.' }) },
  outputs: { knots: out.integer({ summary: 'How many knots were tied.' }) },
  errors: [ropeTooShort],
})
`,
  'run.ts': `import { implement } from '../../spec/define.ts'
import { ropeTooShort } from './errors.ts'
import { task } from './task.ts'

export const run = implement(task, async ({ rope }) => {
  if (rope < 5) throw ropeTooShort(\`The rope has \${rope} m, expected at least 5.\`)
  return { outputs: { knots: Math.floor(rope / 5) }, record: {} }
})
`,
  'doc.md': `Ties the ship.

\`\`\`yaml
- uses: slipway-ci/slipway/actions/moor@v1
  with: { rope: 20 }
\`\`\`

\`\`\`yaml
- name: moor
  taskRef: { name: slipway-moor }
  params: [{ name: rope, value: "20" }]
\`\`\`

\`\`\`sh
slipway moor --rope 20
\`\`\`
`,
}

describe('a new task', () => {
  let before: ReadonlyMap<string, string>

  it('begins in a repository whose generated files are fresh', () => {
    for (const part of [
      'src',
      'scripts',
      'test',
      'assembly',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'jest.config.ts',
    ]) {
      cpSync(join(repository, part), join(copy, part), { recursive: true })
    }
    symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
    expect(node('scripts/emit.ts')).toMatchObject({ status: 0 })
    before = contents()
  })

  it('is a folder and `npm run emit`', () => {
    mkdirSync(join(copy, 'src/tasks/moor'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(copy, 'src/tasks/moor', name), text)
    expect(node('scripts/emit.ts', '--check')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('differs  actions/moor/action.yml'),
    })
    expect(node('scripts/emit.ts')).toMatchObject({ status: 0 })
    expect(node('scripts/emit.ts', '--check')).toMatchObject({ status: 0 })
  })

  it('changes nothing outside of its folder but generated files', () => {
    const changed = [...contents()].filter(([path, text]) => before.get(path) !== text && !path.startsWith('src/tasks/moor/'))
    expect(changed.filter(([, text]) => !isGenerated(text))).toEqual([])
    expect(changed.map(([path]) => path).toSorted()).toEqual([
      'actions/moor/README.md',
      'actions/moor/action.yml',
      'docs/errors.md',
      'docs/tasks/README.md',
      'docs/tasks/moor.md',
      'schemas/slipway.schema.json',
      'src/tasks/registry.ts',
      'tekton/stepactions/moor.yaml',
      'tekton/tasks/moor.yaml',
    ])
  })

  it('compiles', () => {
    expect(node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit')).toMatchObject({ status: 0, stdout: '' })
  })

  it('keeps the contract', () => {
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/contract', '--testNamePattern', 'moor|registry']
    expect(node(...jest)).toMatchObject({ status: 0, stderr: expect.stringContaining('passed') })
  })

  it('is bundled by `npm run build`, and runs', () => {
    expect(node('scripts/build.ts')).toMatchObject({ status: 0, stderr: '' })
    expect(node('dist/slipway/index.js', 'moor', '--rope', '20', '--json')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"knots":"4"'),
    })
    expect(node('dist/slipway/index.js', 'moor', '--rope', '2')).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('SW-MOOR-ROPE'),
    })
    expect(readFileSync(join(copy, 'dist/moor/index.js'), 'utf8')).toContain("runTask('moor')")
  }, 180_000)

  it('is gone with its folder', () => {
    for (const folder of ['build', 'dist', '.cache', '.slipway']) rmSync(join(copy, folder), { recursive: true, force: true })
    rmSync(join(copy, 'src/tasks/moor'), { recursive: true })
    expect(node('scripts/emit.ts')).toMatchObject({ status: 0, stdout: expect.stringContaining('5 removed') })
    expect(contents()).toEqual(before)
    expect(existsSync(join(copy, 'actions/moor'))).toBe(false)
  })

  it.each(['task.ts', 'run.ts', 'doc.md'])('is not one without its %s', (part) => {
    mkdirSync(join(copy, 'src/tasks/moor'), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(copy, 'src/tasks/moor', name), text)
    rmSync(join(copy, 'src/tasks/moor', part))
    expect(node('scripts/emit.ts')).toMatchObject({ status: 1, stderr: expect.stringContaining(`missing: src/tasks/moor/${part}`) })
  })
})

function node(...argv: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  return { status, stdout, stderr }
}

function contents(): ReadonlyMap<string, string> {
  const paths = globSync('**/*', { cwd: copy, exclude: ['node_modules/**'], withFileTypes: true }).filter((entry) => entry.isFile())
  const pairs = paths
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(copy.length + 1), readFileSync(path, 'latin1')] as const)
  return new Map(pairs)
}
