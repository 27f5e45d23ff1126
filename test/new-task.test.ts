import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { repository } from './real/example.ts'
import { temporaryFolder } from './real/folder.ts'
import { end, output } from './real/program.ts'

/** The fictional task, by file name: what a contributor writes. */
const files = {
  'errors.ts': `import { defineError } from '../../base/errors.ts'

export const nobody = defineError({
  code: 'SW-GREET-NOBODY',
  fault: 'input',
  title: 'There is nobody to greet.',
  causes: ['The name is the one that stands for nobody.'],
  fix: 'Set \`who\` to somebody.',
})
`,
  'task.ts': `import { defineTask } from '../../spec/define.ts'
import { text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { nobody } from './errors.ts'

export const task = defineTask({
  name: 'greet',
  summary: 'Greet somebody.',
  reads: [],
  writes: [],
  inputs: { whoIsIt: text({ required: true, summary: 'Whom to greet.', example: 'Ada' }) },
  outputs: { greeting: out.text({ summary: 'The greeting.' }) },
  errors: [nobody],
})
`,
  'run.ts': `import { implement } from '../../spec/define.ts'
import { nobody } from './errors.ts'
import { task } from './task.ts'

export const run = implement(task, async ({ whoIsIt }) => {
  if (whoIsIt === 'nobody') throw nobody('who-is-it is nobody, expected somebody')
  return { outputs: { greeting: \`Hello, \${whoIsIt}!\` }, record: {}, headline: \`greeted \${whoIsIt}\` }
})
`,
  'doc.md': `Says hello.

## On GitHub

\`\`\`yaml
- uses: slipway-ci/slipway/actions/greet@v1
  with:
    who-is-it: Ada
\`\`\`
`,
}

const stack = new DisposableStack()
const copy = join(stack.use(temporaryFolder('new-task')).path, 'slipway')
const git = (...argv: string[]): Promise<string> => output(['git', ...argv], { cwd: copy })

const greet = (who: string) =>
  end([process.execPath, join(copy, 'dist', 'greet', 'index.js')], {
    cwd: stack.use(temporaryFolder('greeted')).path,
    env: { PATH: process.env['PATH'], SLIPWAY_HOST: 'local', INPUT_WHO_IS_IT: who },
  })

beforeAll(async () => {
  const tracked = await output(['git', 'ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], { cwd: repository })
  for (const path of tracked.split('\n').filter((line) => /^(?!test\/|examples\/).+/.test(line)))
    cpSync(join(repository, path), join(copy, path), { recursive: true, force: true })
  await git('init', '--quiet')
  await git('add', '--all')
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  // A link is not the folder that .gitignore names.
  writeFileSync(join(copy, '.git', 'info', 'exclude'), 'node_modules\n')

  const folder = join(copy, 'src', 'tasks', 'greet')
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  await output(['npm', 'run', 'emit'], { cwd: copy })
  await output(['npm', 'run', 'build'], { cwd: copy })
}, 120_000)

afterAll(() => stack.dispose())

describe('a task more, by the steps of CONTRIBUTING.md', () => {
  it('touches its own folder, and what is generated', async () => {
    const status = await git('status', '--porcelain', '--untracked-files=all')
    const changed = status
      .split('\n')
      .filter((line) => /^(?:\?\?|.[MD]) /.test(line))
      .map((line) => line.slice(3))
    const attributes = await git('check-attr', 'linguist-generated', ...changed)
    const generated = attributes.split('\n').flatMap((line) => /^(.*): linguist-generated: set$/.exec(line)?.[1] ?? [])
    expect(changed.filter((path) => !generated.includes(path)).sort()).toEqual(
      Object.keys(files)
        .map((name) => `src/tasks/greet/${name}`)
        .sort(),
    )
    expect(generated).toEqual(
      expect.arrayContaining([
        'actions/greet/action.yml',
        'actions/greet/README.md',
        'tekton/tasks/greet.yaml',
        'tekton/stepactions/greet.yaml',
        'docs/tasks/greet.md',
        'dist/greet/index.js',
      ]),
    )
  })

  it('has a bundle that runs', async () => {
    const { status, stdout } = await greet('Ada')
    expect(stdout).toContain('greeted Ada')
    expect(status).toBe(0)
  })

  it('tells its own error, which is documented', async () => {
    const { status, stdout, stderr } = await greet('nobody')
    expect(`${stdout}${stderr}`).toContain('SW-GREET-NOBODY')
    expect(status).toBe(2)
    expect(readFileSync(join(copy, 'docs', 'errors.md'), 'utf8')).toContain('SW-GREET-NOBODY')
  })

  it('is a command with help', async () => {
    const help = await output([process.execPath, join(copy, 'dist', 'slipway', 'index.js'), 'greet', '--help'], {
      env: { ...process.env, SLIPWAY_HOST: 'local' },
    })
    expect(help).toContain('--who-is-it')
  })
})
