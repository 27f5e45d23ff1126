import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { localHost } from '../../host/local.ts'
import { Stopped } from '../../host/signals.ts'
import { fakeSurroundings, fakeTasks, workspaceWith } from '../../pipeline/road.fake.ts'
import { systemTiming } from '../../report/reporter.ts'
import { tasks as realTasks } from '../../tasks/registry.ts'
import type { Machine } from '../machine.ts'
import { main } from '../main.ts'
import { flagsOf } from './flags.ts'

interface Given {
  /** What stands in for the bundle of every task. */
  readonly script?: string
  readonly tasks?: Machine['tasks']
  readonly environment?: Readonly<Record<string, string>>
  /** Stops the run as soon as the output holds this. */
  readonly stopAt?: string
}

const start = `import fs from 'node:fs'; const e = process.env; const argv = process.argv.slice(2); `

async function slipway(argv: readonly string[], { script = '', tasks = fakeTasks({ ran: [] }), environment = {}, stopAt }: Given = {}) {
  const workspace = workspaceWith({ 'bundles/package.json': '{"type":"module"}', 'other/file': '', 'tmp/.keep': '' })
  const bundles = join(workspace, 'bundles')
  for (const { definition } of tasks) {
    mkdirSync(join(bundles, definition.name))
    writeFileSync(join(bundles, definition.name, 'index.js'), start + script)
  }
  const stop = new AbortController()
  const surroundings = fakeSurroundings({
    workingFolder: workspace,
    temporary: join(workspace, 'tmp'),
    environment: { PATH: process.env['PATH'], ...environment },
  })
  const write: typeof surroundings.write = (text, stream) => {
    surroundings.written[stream] += text
    if (stopAt !== undefined && surroundings.written.stdout.includes(stopAt)) stop.abort(new Stopped('SIGINT'))
  }
  const machine: Machine = {
    surroundings: { ...surroundings, write },
    host: localHost({ ...surroundings, write }),
    terminal: { size: () => undefined, movable: false, color: false, unicode: true },
    timing: systemTiming,
    tasks,
    bundles,
    stopOnSignals: () => ({ signal: stop.signal, release: () => undefined }),
  }
  const exit = await main(['run', '--as', 'tekton', ...argv], machine)
  return { exit, ...surroundings.written, workspace, left: readdirSync(join(workspace, 'tmp')).filter((name) => name !== '.keep') }
}

/** What the stand-in printed as JSON. */
function said(stdout: string): Record<string, unknown> {
  return JSON.parse(/^\{.*\}$/m.exec(stdout)?.[0] ?? '{}') as Record<string, unknown>
}

describe('a Task on this machine', () => {
  it('has the environment of its container and no other, and the checkout as its folder', async () => {
    const script = `console.log(JSON.stringify({ names: Object.keys(e).sort(), home: e.HOME, cwd: process.cwd(), retries: e.INPUT_RETRIES, argv }))`
    const { stdout, workspace, exit } = await slipway(['test', '--retries', '2', '--command=a', '--command', 'b c', '--labels=x=1'], {
      script,
      environment: { GITHUB_TOKEN: 'geheim', INPUT_RETRIES: '7', HOME: '/home/me' },
    })
    expect([exit, said(stdout)]).toEqual([
      0,
      {
        names: [
          ...['HOME', 'INPUT_FAIL_ON_NO_TESTS', 'INPUT_RETRIES', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT', 'PATH'],
          ...['RESULT_PASSED', 'SLIPWAY_HOME', 'SLIPWAY_HOST'],
        ],
        home: '/',
        cwd: workspace,
        retries: '$(literal:2)',
        argv: ['--list=command', 'a', 'b c', '--list=labels', 'x=1'],
      },
    ])
  })

  it('shows and keeps its results, and leaves nothing else', async () => {
    const script = `fs.writeFileSync(e.RESULT_PASSED, '24\\n'); process.exitCode = 3`
    const { stdout, workspace, exit, left } = await slipway(['test', '--results', 'kept'], { script })
    expect(exit).toBe(3)
    expect(stdout).toMatch(/\nstep slipway {2}exit 3\n\nresults\n {2}passed {2}3 B {2}24␊\nmessage {2}\d+ of 4096 bytes\nexit {5}3\n$/)
    expect([readFileSync(join(workspace, 'kept', 'passed'), 'utf8'), left]).toEqual(['24\n', []])
  })

  it('says which results are absent, and when they are too large for a message', async () => {
    const [absent, large] = [
      await slipway(['test']),
      await slipway(['test'], { script: `fs.writeFileSync(e.RESULT_PASSED, 'x'.repeat(4097))` }),
    ]
    expect([absent.exit, absent.stdout]).toEqual([0, expect.stringContaining('passed  absent\n')])
    expect([large.exit, large.stdout]).toEqual([1, expect.stringContaining('do not fit into a termination message of 4096 bytes')])
  })

  it('works in the folder that is bound', async () => {
    const { stdout, workspace } = await slipway(['test', '--workspace', 'source=other'], {
      script: `console.log(JSON.stringify({ cwd: process.cwd() }))`,
    })
    expect(said(stdout)).toEqual({ cwd: join(workspace, 'other') })
  })

  it('gets a secret from a variable as from a Secret, and it is not shown', async () => {
    const script = `console.log(e.INPUT_PASSWORD, JSON.stringify({ length: e.INPUT_PASSWORD.length }))`
    const argv = ['push', '--image', 'registry.example/app', '--username', 'me', '--password-from-env', 'PASS', '--password-secret=mine']
    const { stdout, exit } = await slipway(argv, { script, environment: { PASS: 'geheimnis$$(X)' } })
    expect([exit, stdout.includes('{"length":14}'), stdout.includes('geheimnis')]).toEqual([0, true, false])
  })

  it('goes on to the judge after a program of the user that failed', async () => {
    const script = `console.log(JSON.stringify({ code: fs.readFileSync(e.INPUT_EXIT_CODE, 'utf8'), only: e.INPUT_COLLECT_ONLY })); process.exitCode = 3`
    const program = ['--command', process.execPath, '--command=-e', '--command=process.exit(7)']
    const { stdout, exit } = await slipway(['test', '--image', 'any', ...program], { script, tasks: realTasks })
    expect([exit, said(stdout)]).toEqual([3, { code: '7', only: 'true' }])
    expect(stdout).toContain('step run  exit 7, and the Task goes on\nstep slipway  exit 3\n')
    expect(stdout).toMatch(/message {2}\d+ of 3072 bytes/)
  })

  it('is stopped with all that it started', async () => {
    const { exit, left } = await slipway(['test'], { script: `console.log('waiting'); setTimeout(() => 0, 60_000)`, stopAt: 'waiting' })
    expect([exit, left]).toEqual([130, []])
  })
})

describe('what cannot be run', () => {
  test.each([
    [['push'], 'no default for --image'],
    [['puhs'], 'did you mean `push`'],
    [[], 'Nothing stands where the task is expected'],
    [['--image', 'x'], '"--image" stands where the task is expected'],
    [['push', '--imge', 'x'], 'did you mean --image'],
    [['push', '--image', 'x', '--password', 'y'], '--password-from-env'],
    [['push', '--image', 'x', '--workspace', 'other'], 'expected <name>=<folder>'],
    [['push', '--image', 'x', '--workspace', 'source=none'], 'does not exist'],
  ])('%j is refused: %s', async (argv, message) => {
    const { exit, stderr } = await slipway(argv)
    expect([exit, stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(message)])
  })

  it('is any other host', async () => {
    const surroundings = fakeSurroundings()
    const machine = {
      surroundings,
      host: localHost(surroundings),
      terminal: { size: () => undefined, movable: false, color: false, unicode: true },
    }
    const rest = {
      timing: systemTiming,
      tasks: [],
      bundles: '',
      stopOnSignals: () => ({ signal: AbortSignal.abort(), release: () => undefined }),
    }
    expect(await main(['run', '--as=github', 'push'], { ...machine, ...rest })).toBe(2)
    expect(surroundings.written.stderr).toContain('--as is "github", expected tekton')
  })
})

it('has help with the parameters of the Task', async () => {
  const { exit, stdout } = await slipway(['push', '--help'])
  expect([exit, stdout]).toEqual([
    0,
    expect.stringMatching(/--image <string>.*--password-secret <string>.*--password-from-env.*--workspace/s),
  ])
})

test.each(realTasks.map(({ definition }) => [definition.name, definition] as const))(
  '%s has no parameter of the name of a flag',
  (_, definition) => {
    const names = flagsOf(definition).map(({ name }) => name)
    expect([new Set(names).size, names.slice(-2)]).toEqual([names.length, ['workspace', 'results']])
  },
)
