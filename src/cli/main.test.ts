import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { fakeTasks, kinds, type Script, workspaceWith } from '../pipeline/road.fake.ts'
import { mainHelp } from './help.ts'
import { image, machineOf, slipway } from './main.fake.ts'
import { main } from './main.ts'
import { rootAction } from './root-action.ts'
import { version } from './version.ts'

describe('run', () => {
  it('runs the road and ends with what can be copied', async () => {
    const { exit, stdout, stderr, ran } = await slipway(['run', '--push.image', image, '--test.retries=2'])
    expect([exit, stderr, ran]).toEqual([0, '', ['test', 'build', 'sbom', 'push']])
    expect(stdout).toContain('✓ test     24 passed, 1 skipped')
    expect(stdout).toContain(`\n${image}@${sha256('app')}\n`)
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  it('runs in another folder, and shows paths as seen from here', async () => {
    const workspace = workspaceWith({ 'app/slipway.yaml': 'tasks: [test, build]' })
    const { exit, stdout, ran } = await slipway(['run', 'app'], { workspace })
    expect([exit, ran]).toEqual([0, ['test', 'build']])
    expect(stdout).toContain('record  app/.slipway/record.json')
  })

  it('resumes there too', async () => {
    const workspace = workspaceWith({ 'app/slipway.yaml': 'tasks: [test, build]' })
    const failing: Script = {
      ran: [],
      during(name) {
        if (name === 'build') throw kinds.refused('no')
      },
    }
    const { exit, stdout } = await slipway(['run', 'app'], { workspace, script: failing })
    expect(exit).toBe(3)
    expect(stdout).toContain('\nresume  slipway resume app\nexit 3: the task worked, and the answer is no\n')
    expect((await slipway(['resume', 'app'], { workspace })).ran).toEqual(['build'])
  })

  it('writes only JSON with --json, and only the reference with --quiet', async () => {
    const json = await slipway(['run', '--json', '--push.image', image])
    for (const line of json.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ schemaVersion: '1.0' })
    const quiet = await slipway(['run', '--quiet', '--push.image', image])
    expect(quiet.stdout).toBe(`${image}@${sha256('app')}\n`)
  })

  it('takes a secret from a variable, and nothing of it is seen anywhere', async () => {
    const script: Script = {
      ran: [],
      during() {
        throw kinds.refused('hunter2-hunter2')
      },
    }
    const argv = ['run', '--push.image', image, '--push.username', 'robot', '--push.password-from-env', 'TOKEN', '--json']
    const { exit, stdout } = await slipway(argv, { script, environment: { TOKEN: 'hunter2-hunter2' } })
    expect(exit).toBe(3)
    expect(stdout).toContain('***')
    expect(stdout).not.toContain('hunter2')
  })
})

describe('a task', () => {
  it('takes its inputs from flags, which go before variables', async () => {
    const workspace = workspaceWith()
    await slipway(['build'], { workspace })
    const { exit, stdout } = await slipway(['push', '--image', image], { workspace, environment: { INPUT_IMAGE: 'other.example/app' } })
    expect(exit).toBe(0)
    expect(stdout).toContain(`image   ${image}@${sha256('app')}`)
  })

  it('tells all bad inputs at once, and does nothing', async () => {
    const { exit, stdout, ran } = await slipway(['test', '--retries', 'many'], { environment: { INPUT_COMAND: 'x' } })
    expect([exit, ran]).toEqual([2, []])
    expect(stdout).toContain(
      '  2 inputs cannot be used:\n    comand   is not an input of test; did you mean `command`?\n    retries  "many" is not',
    )
  })
})

describe('what cannot be understood exits 2 and says what was meant', () => {
  test.each([
    [['psuh'], '"psuh" is neither a command nor a task; did you mean `push`?'],
    [['rn'], 'did you mean `run`?'],
    [['run', '--jsn'], '--jsn  is not a flag of slipway run; did you mean --json?'],
    [['run', 'a', 'b'], 'b  is not expected here'],
    [['run', 'nowhere'], 'does not exist, expected the folder to work in'],
    [['push', '--imag', 'x'], '--imag  is not a flag of slipway push; did you mean --image?'],
    [['push', '--password', 'hunter2'], 'everyone on this machine can read a command line'],
    [['push', '--password-from-env', 'NOPE'], 'names the variable NOPE, which is not set'],
    [['explain', 'SW-PIPELINE-FIL'], 'did you mean SW-PIPELINE-FILE?'],
    [['explain', 'sw-pipeline'], 'these begin so: SW-PIPELINE-FILE, SW-PIPELINE-MISSING, SW-PIPELINE-ORDER'],
    [['registry', '--port', 'x'], '--port is "x", expected a whole number'],
    [['registry', '--profile', 'acr'], '--profile is "acr", expected one of ecr, gar'],
    [['registry', '--fault', 'absent.yaml'], 'absent.yaml'],
  ])('%j', async (argv, expected) => {
    const { exit, stdout, stderr } = await slipway(argv)
    expect(exit).toBe(2)
    expect(unwrapped(stdout + stderr)).toContain(unwrapped(expected))
    expect(stdout + stderr).toMatch(/\nexit 2: an input must change\n$/)
    expect(stdout + stderr).not.toContain('hunter2')
  })

  it('shows the commands when there is none', async () => {
    const { exit, stdout } = await slipway([])
    expect([exit, stdout]).toEqual([
      2,
      mainHelp(
        fakeTasks({ ran: [] }).map(({ definition }) => definition),
        100,
      ),
    ])
  })
})

describe('the root action on GitHub', () => {
  async function action(inputs: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
    const workspace = workspaceWith({ output: '', summary: '', ...files })
    const environment = {
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: join(workspace, 'output'),
      GITHUB_STEP_SUMMARY: join(workspace, 'summary'),
      'INPUT_WORKING-DIRECTORY': '.',
      INPUT_PIPELINE: 'slipway.yaml',
      ...inputs,
    }
    const { machine, written, script } = machineOf({ workspace, environment, github: true })
    const exit = await rootAction(machine)
    const outputs = Object.fromEntries(
      [...readFileSync(join(workspace, 'output'), 'utf8').matchAll(/^(\S+)<<(\S+)\n(.*)\n\2$/gm)].map(([, name, , value]) => [name, value]),
    )
    return { exit, outputs, ran: script.ran, stdout: written.stdout, summary: readFileSync(join(workspace, 'summary'), 'utf8') }
  }

  it('runs a pipeline, each task under a heading, and gives its outputs', async () => {
    const { exit, outputs, ran, stdout, summary } = await action({ INPUT_WITH: `push.image=${image}\ntest.retries=1` })
    expect([exit, ran]).toEqual([0, ['test', 'build', 'sbom', 'push']])
    expect(outputs).toEqual({ record: '.slipway/record.json', digest: sha256('app'), image: `${image}@${sha256('app')}` })
    expect(stdout.match(/^::(?:end)?group::.*$/gm)).toEqual(
      ['test', 'build', 'sbom', 'push'].flatMap((name) => [`::group::${name}`, '::endgroup::']),
    )
    expect(summary).toContain('| ✓ passed | test |')
  })

  it('runs one task by its name, in a folder', async () => {
    const { exit, outputs, ran } = await action(
      { INPUT_TASK: 'build', INPUT_WITH: 'base=debian', 'INPUT_WORKING-DIRECTORY': 'app' },
      { 'app/x': '' },
    )
    expect([exit, ran]).toEqual([0, ['build']])
    expect(outputs).toEqual({ record: '.slipway/record.json', digest: sha256('app') })
  })

  it('tells a fault of the file as an annotation, and gives outputs all the same', async () => {
    const { exit, outputs, stdout, ran } = await action({}, { 'slipway.yaml': 'tasks: [tets]' })
    expect([exit, ran]).toEqual([2, []])
    expect(stdout).toMatch(/^::error title=SW-PIPELINE-FILE::slipway.yaml cannot be used/m)
    expect(Object.keys(outputs)).toEqual(['record', 'digest', 'image'])
  })
})

test('the version is that of the package', () => {
  expect(version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
})

test('a stop is told with the exit code of its signal', async () => {
  const { Stopped } = await import('../host/signals.ts')
  const controller = new AbortController()
  const script: Script = {
    ran: [],
    during() {
      controller.abort(new Stopped('SIGTERM'))
    },
  }
  const { exit, stdout } = await slipway(['run'], { script, signal: controller.signal })
  expect([exit, script.ran]).toEqual([143, ['test']])
  expect(stdout).toContain('SW-CANCELLED')
  expect(stdout).toMatch(/\nexit 143: stopped by SIGTERM\n$/)
})

test.each([[[]], [['--json']]])('what a task says after the end is not told: %j', async (flags) => {
  let later = (): void => undefined
  const script: Script = {
    ran: [],
    during(_, log) {
      if (log !== undefined) later = () => log.warn('too late')
      log?.warn('in time')
    },
  }
  const { machine, written } = machineOf({ script })
  await main(['test', ...flags], machine)
  later()
  expect([written.stdout.includes('in time'), `${written.stdout}${written.stderr}`.includes('too late')]).toEqual([true, false])
})

test('a file that cannot be read is no crash', async () => {
  const workspace = workspaceWith()
  writeFileSync(join(workspace, 'slipway.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
  expect((await slipway(['run'], { workspace })).exit).toBe(2)
})

/** Where a line breaks depends on the paths in it. */
function unwrapped(text: string): string {
  return text.replace(/\s+/g, ' ')
}
