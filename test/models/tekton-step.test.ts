import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { containerEnvironment, expand } from '../../src/cli/tekton/expansion.ts'
import { encodeMessage, fits, readResults, recordedMessage } from '../../src/host/tekton/termination.ts'
import { newFolder } from './folders.ts'
import { escapeParam, forgetRun, runTask, type TaskOptions, type TaskRun } from './tekton-step.ts'

const runs: TaskRun[] = []
afterAll(() => runs.forEach(forgetRun))

async function run(options: TaskOptions): Promise<TaskRun> {
  const result = await runTask({ ...options, program: (argv) => (argv[0] === 'node' ? [process.execPath, ...argv.slice(1)] : argv) })
  runs.push(result)
  return result
}

/** A Task with one step, or several, each a piece of JavaScript. */
function taskOf(
  scripts: string | readonly string[],
  more: Readonly<Record<string, unknown>> = {},
  step: Readonly<Record<string, unknown>> = {},
): unknown {
  const start = `const fs = require('fs'); const e = process.env; const argv = process.argv.slice(1); `
  const steps = [scripts]
    .flat()
    .map((script, index) => ({ name: `s${index}`, image: 'x', command: ['node', '-e', start + script, '--'], ...step }))
  return { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 't' }, spec: { ...more, steps } }
}

describe("Kubernetes' expansion (expand_test.go, and what 1.34 does with characters beyond ASCII)", () => {
  const variables = new Map(Object.entries({ VAR_A: 'A', VAR_B: 'B', VAR_C: 'C', VAR_REF: '$(VAR_A)', VAR_EMPTY: '' }))
  test.each([
    ['$(VAR_A)', 'A'],
    ['$(VAR_A)-$(VAR_A)', 'A-A'],
    ['___$(VAR_B)___', '___B___'],
    ['$(VAR_A)_$(VAR_B)_$(VAR_C)', 'A_B_C'],
    ['$$(VAR_B)_$(VAR_A)', '$(VAR_B)_A'],
    ['$$(VAR_A)_$$(VAR_B)', '$(VAR_A)_$(VAR_B)'],
    ['f000-$$VAR_A', 'f000-$VAR_A'],
    ['foo\\$(VAR_C)bar', 'foo\\Cbar'],
    ['$(VAR_A$(VAR_B))', '$(VAR_A$(VAR_B))'],
    ['$(VAR_A$(VAR_B)', '$(VAR_A$(VAR_B)'],
    ['%%$(VAR_REF)--$(VAR_REF)%%', '%%$(VAR_A)--$(VAR_A)%%'],
    ['foo$(VAR_EMPTY)bar', 'foobar'],
    ['foo$(VAR_Awhoops!', 'foo$(VAR_Awhoops!'],
    ['f00__(VAR_A)__', 'f00__(VAR_A)__'],
    ['$?_boo_$!', '$?_boo_$!'],
    ['$VAR_A', '$VAR_A'],
    ['$(VAR_DNE)', '$(VAR_DNE)'],
    ['$$$$$$(BIG_MONEY)', '$$$(BIG_MONEY)'],
    ['$$$$$$(VAR_A)', '$$$(VAR_A)'],
    ['$$$$$$$(GOOD_ODDS)', '$$$$(GOOD_ODDS)'],
    ['$$$$$$$(VAR_A)', '$$$A'],
    ['\u0024{VAR_A}', '\u0024{VAR_A}'],
    ['$(VAR_B)_______$(A', 'B_______$(A'],
    ['$(VAR_C)_______$(', 'C_______$('],
    ['$(VAR_A)foobarzab$', 'Afoobarzab$'],
    ['--$($($($($--', '--$($($($($--'],
    ['$($($($($--foo$(', '$($($($($--foo$('],
    ['foo0--$($($($(', 'foo0--$($($($('],
    ['$(foo$$var)', '$(foo$$var)'],
    ['\n', '\n'],
    ['$é$(VAR_A)', '$éA'],
    ['$🚢(VAR_A)', '$🚢(VAR_A)'],
  ])('%j → %j', (text, expanded) => {
    expect(expand(text, variables)).toBe(expanded)
  })

  it('lets a value see those before it, and services, but none after it', () => {
    const list = [
      { name: 'A', value: '$(B)-$(HOST)' },
      { name: 'B', value: '$(A)' },
      { name: 'C', value: '$(A)', verbatim: true },
    ]
    const environment = containerEnvironment(list, new Map([['HOST', 'h']]))
    expect(Object.fromEntries(environment)).toEqual({ HOST: 'h', A: '$(B)-h', B: '$(B)-h', C: '$(A)' })
  })
  test.each(['$$', '$(HOME)', '$$$(A)', 'a$', '$', '$('])('escapeParam brings %j through', (value) => {
    expect(
      expand(
        escapeParam(value),
        new Map([
          ['HOME', '/'],
          ['A', '1'],
        ]),
      ),
    ).toBe(value)
  })
})

describe('the termination message', () => {
  // Recorded from Go 1.26 (encoding/json) with the struct of tektoncd/pipeline 1.15 pkg/result.
  test.each([
    ['', ''],
    ['3c6120687265663d2278223e26616d703b3c2f613e', '\\u003ca href=\\"x\\"\\u003e\\u0026amp;\\u003c/a\\u003e'],
    ['746162096e6c0a63720d', 'tab\\tnl\\ncr\\r'],
    ['0001080c1f7f', '\\u0000\\u0001\\b\\f\\u001f\u007f'],
    ['e280a8e280a9c3a9f09f9aa2', '\\u2028\\u2029é🚢'],
    ['61ff62c3', 'a\\ufffdb\\ufffd'],
    ['eda080', '\\ufffd\\ufffd\\ufffd'],
    ['6261636b5c736c617368202f', 'back\\\\slash /'],
    ['c280c29fefbfbdefbbbf', '\u0080\u009f\ufffd\ufeff'],
  ])('of the bytes %s is what Go writes', (hex, text) => {
    const started = { key: 'StartedAt', value: Buffer.from('2026-11-21T12:00:00.000Z'), type: 3 } as const
    expect(encodeMessage([{ key: 'image-ref', value: Buffer.from(hex, 'hex'), type: 1 }, started])).toBe(
      `[{"key":"image-ref","value":"${text}","type":1},{"key":"StartedAt","value":"2026-11-21T12:00:00.000Z","type":3}]`,
    )
  })
  test.each([
    [4096, true],
    [4097, false],
  ])('of %i bytes is taken: %s', (length, taken) => {
    expect(fits('x'.repeat(length))).toBe(taken)
  })
  it('loses all results when the kubelet cuts it', () => {
    const message = encodeMessage([{ key: 'a', value: Buffer.from('x'.repeat(3500)), type: 1 }])
    expect([readResults(recordedMessage(message, 3))?.get('a')?.length, readResults(recordedMessage(message, 4))]).toEqual([
      3500,
      undefined,
    ])
  })
})

describe('a Task', () => {
  const params = [
    { name: 'text', type: 'string', default: 'none' },
    { name: 'list', type: 'array', default: [] },
  ]

  it('gets parameters in env and, where an array is alone, as arguments', async () => {
    const step = {
      args: ['--list=x', '$(params.list[*])', '$(params["text"])-$(params.list[1])'],
      env: [{ name: 'TEXT', value: '$(params.text)' }],
    }
    const task = taskOf('console.log(JSON.stringify([e.TEXT, argv]))', { params }, step)
    const { log } = await run({ task, params: { text: 't', list: ['-a', 'b c', ''] } })
    expect(JSON.parse(log)).toEqual(['t', ['--list=x', '-a', 'b c', '', 't-b c']])
  })
  it('gets defaults, and nothing at all for an empty array', async () => {
    const { log } = await run({
      task: taskOf('console.log(JSON.stringify([argv]))', { params }, { args: ['$(params.text)', '$(params.list[*])'] }),
    })
    expect(JSON.parse(log)).toEqual([['none']])
  })
  it('is refused without a value for a parameter that has no default', async () => {
    await expect(run({ task: taskOf('', { params: [{ name: 'must' }] }) })).rejects.toThrow('missing values')
  })
  // What Tekton 1.15 said of each on a cluster.
  test.each([
    [{ text: '$(params.zzz)' }, 'non-existent variable in "$(params.zzz)": steps[0].env[TEXT]'],
    [{ text: 'x $(params["zzz"]) y' }, 'non-existent variable in'],
    [{ list: ['a=$(params.zzz)'] }, 'non-existent variable in "a=$(params.zzz)": steps[0].args[0]'],
    [{ text: '$(params.list)' }, 'variable type invalid in "$(params.list)": steps[0].env[TEXT]'],
    [{ text: '$(params.list[*])' }, 'variable type invalid in'],
  ])('is not begun with %j', async (given, message) => {
    const step = { env: [{ name: 'TEXT', value: '$(params.text)' }], args: ['$(params.list[*])'] }
    await expect(run({ task: taskOf('', { params }, step), params: given })).rejects.toThrow(message)
  })
  it('does not replace a parameter inside another, but does in a later pass', async () => {
    const step = { env: [{ name: 'TEXT', value: '$(params.text)' }] }
    const task = taskOf('console.log(e.TEXT)', { params, results: [{ name: 'r' }] }, step)
    expect((await run({ task, params: { text: '$(params.text)' } })).log).toBe('$(params.text)\n')
    expect((await run({ task, params: { text: '$(results.r.path)' } })).log).toMatch(/\/results\/r\n$/)
  })
  it('gives results byte for byte, also when it fails', async () => {
    const results = [{ name: 'a' }, { name: 'b' }, { name: 'never' }]
    const step = {
      env: [
        { name: 'A', value: '$(results.a.path)' },
        { name: 'B', value: "$(results['b'].path)" },
      ],
    }
    const { exitCode, results: given } = await run({
      task: taskOf(`fs.writeFileSync(e.A, 'x\\n'); fs.writeFileSync(e.B, ''); process.exitCode = 3`, { results }, step),
    })
    expect([exitCode, [...(given ?? [])]]).toEqual([
      3,
      [
        ['a', 'x\n'],
        ['b', ''],
      ],
    ])
  })
  // Recorded from the entrypoint of Tekton 1.15: it writes the results, then adds its own entries, each if it fits.
  test.each([
    [3996, 0, 4096, 3996],
    [3997, 1, 4033, 3997],
    [4060, 1, 4096, 4060],
    [4061, 1, 65, undefined],
  ])('with a result of %i bytes exits with %i and leaves %i bytes', async (length, exitCode, message, kept) => {
    const step = { env: [{ name: 'A', value: '$(results.note.path)' }] }
    const result = await run({ task: taskOf(`fs.writeFileSync(e.A, 'x'.repeat(${length}))`, { results: [{ name: 'note' }] }, step) })
    expect([result.exitCode, Buffer.byteLength(result.terminationMessage), result.results?.get('note')?.length]).toEqual([
      exitCode,
      message,
      kept,
    ])
  })
  it('gets workspaces, and an empty path for one that is not bound', async () => {
    const workspaces = [{ name: 'source' }, { name: 'extra', optional: true }]
    const step = {
      env: [{ name: 'E', value: '[$(workspaces.extra.path)] $(workspaces.extra.bound)' }],
      workingDir: '$(workspaces.source.path)',
    }
    const source = newFolder()
    const { log } = await run({ task: taskOf(`console.log(process.cwd(), e.E)`, { workspaces }, step), workspaces: { source } })
    expect(log).toBe(`${source} [] false\n`)
  })
  it('gets secrets as they are, and goes without one that is optional', async () => {
    const reference = (name: string) => ({ secretKeyRef: { name, key: 'k', optional: true } })
    const step = {
      env: [
        { name: 'P', valueFrom: reference('$(params.text)') },
        { name: 'Q', valueFrom: reference('other') },
      ],
    }
    const { log } = await run({ task: taskOf('console.log(e.P, e.Q)', { params }, step), secrets: { none: { k: '$$(P)' } } })
    expect(log).toBe('$$(P) undefined\n')
  })
  it('runs its steps in order; the next one learns how one ended that may fail', async () => {
    const task = taskOf(
      ['process.exitCode = 7', `console.log(fs.readFileSync(argv[0], 'utf8'))`, `console.log('last')`],
      {},
      { args: ['$(steps.step-s0.exitCode.path)'], onError: 'continue' },
    )
    const { steps, log, exitCode } = await run({ task })
    expect([steps.length, log, exitCode]).toEqual([3, '7\nlast\n', 0])
    expect(steps[0]?.terminationMessage).toContain('"key":"ExitCode","value":"7"')
  })
  it('stops at a step that fails', async () => {
    const { steps, exitCode } = await run({ task: taskOf(['process.exitCode = 7', '']) })
    expect([steps.length, exitCode]).toEqual([1, 7])
  })
  it('may be a StepAction', async () => {
    const spec = {
      params,
      results: [{ name: 'r' }],
      command: ['node', '-e', `require('fs').writeFileSync(process.env.R, process.env.T)`],
      env: [
        { name: 'R', value: '$(step.results.r.path)' },
        { name: 'T', value: '$(params.text)' },
      ],
    }
    expect([...((await run({ task: { kind: 'StepAction', spec }, params: { text: 'x' } })).results ?? [])]).toEqual([['r', 'x']])
  })
  test.each([
    ['stops when asked', '', 600_000, 255],
    ['ends by itself', `process.on('SIGTERM', () => process.exit(143)); `, 600_000, 143],
    ['does not stop', `process.on('SIGTERM', () => 0); `, 300, 255],
  ])('that %s is cancelled', async (_, before, grace, exitCode) => {
    const result = await run({
      task: taskOf(`${before}setTimeout(() => 0, 600_000); console.log('ready')`),
      cancel: { at: 'ready', grace },
    })
    expect(result.exitCode).toBe(exitCode)
  })

  it('runs as another user on a read-only root, where the tests may set that up', async () => {
    const source = newFolder()
    const script = `
      const attempt = (path) => { try { fs.writeFileSync(path, ''); return 'written' } catch (error) { return error.code } }
      const tmp = '/tmp/probe-' + require('crypto').randomUUID(), written = attempt(tmp)
      fs.rmSync(tmp, { force: true })
      console.log(JSON.stringify({ user: process.getuid(), tmp: written, home: attempt(e.HOME + '/probe'), source: attempt('probe') }))`
    const step = { env: [{ name: 'HOME', value: '/tekton/home' }], workingDir: '$(workspaces.source.path)' }
    const { log, sandbox, home } = await run({ task: taskOf(script, { workspaces: [{ name: 'source' }] }, step), workspaces: { source } })
    const seen = JSON.parse(log) as { user: number; tmp: string; home: string; source: string }
    expect(seen).toEqual({ user: sandbox.user, tmp: sandbox.readOnlyRoot ? 'EROFS' : 'written', home: 'written', source: 'written' })
    expect(readFileSync(join(home, 'probe'), 'utf8')).toBe('')
  })
  it('may not write to a volume of root without fsGroup, where it is not root', async () => {
    const source = newFolder()
    mkdirSync(join(source, 'sub'))
    writeFileSync(join(source, 'sub', 'file'), 'x')
    const script = `try { fs.writeFileSync('sub/file', 'y'); console.log('written') } catch (error) { console.log(error.code) }`
    const task = taskOf(script, { workspaces: [{ name: 'source' }] }, { workingDir: '$(workspaces.source.path)' })
    chmodSync(source, 0o755)
    const { log, sandbox } = await run({ task, workspaces: { source }, fsGroup: false })
    expect(log).toBe(sandbox.readOnlyRoot ? 'EACCES\n' : 'written\n')
  })
})
