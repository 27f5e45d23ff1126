import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { githubHost } from '../host/github.ts'
import type { Run } from '../spec/define.ts'
import type { RawInputs } from '../spec/parse-inputs.ts'
import { openSession } from './ports.ts'
import { fakeSession, fakeSurroundings, fakeTasks, kinds, type Script, workspaceWith } from './road.fake.ts'
import { runSingle } from './single.ts'

const failures = { kinds: [kinds.refused], bug: kinds.bug }
const image = 'registry.example/team/app'

function taskNamed(name: string, script: Script = { ran: [] }) {
  const task = fakeTasks(script).find(({ definition }) => definition.name === name)
  if (task === undefined) throw new Error(`no fake task ${name}`)
  return task
}

async function single(workspace: string, name: string, inputs: () => RawInputs = () => new Map()) {
  const { session, events } = await fakeSession(workspace)
  return { end: await runSingle({ session, task: taskNamed(name), inputs, failures }), events }
}

describe('a task alone', () => {
  it('goes on with the record that another left in the workspace', async () => {
    const workspace = workspaceWith()
    await single(workspace, 'build')
    const { end, events } = await single(workspace, 'push', () => new Map([['image', image]]))
    expect(end.exit).toBe(0)
    expect(events.at(-1)).toMatchObject({ outputs: { image: `${image}@${sha256('app')}` }, reference: `${image}@${sha256('app')}` })
    expect(JSON.parse(readFileSync(join(workspace, '.slipway/record.json'), 'utf8'))).toMatchObject({ pushes: [{ image }] })
  })

  it('writes no journal: there is nothing to resume', async () => {
    const workspace = workspaceWith()
    const { events } = await single(workspace, 'push')
    expect(events.at(-1)).toMatchObject({ status: 'failed', exit: 2, next: [] })
    expect(existsSync(join(workspace, '.slipway/journal.jsonl'))).toBe(false)
  })

  it('does not begin with a record of a version that it does not know', async () => {
    const { end, events } = await single(workspaceWith({ '.slipway/record.json': '{"schemaVersion":"2.0"}' }), 'build')
    expect(end.exit).toBe(2)
    expect(events.at(-1)).toMatchObject({ failure: { code: 'SW-RECORD-VERSION' } })
  })
})

describe('a task that tells of a run that failed', () => {
  it.each(['{"schemaVersion', '{"schemaVersion":"2.0"}'])(
    'runs on the record %j as if there were none, says why, and leaves it alone',
    async (text) => {
      const workspace = workspaceWith({ '.slipway/record.json': text })
      const { session, events } = await fakeSession(workspace)
      const { definition, load } = taskNamed('test')
      const task = { definition: { ...definition, writes: [], toleratesBrokenRecord: true }, load: async () => tell(await load()) }
      const end = await runSingle({ session, task, inputs: () => new Map(), failures })
      expect(end).toMatchObject({ exit: 0, ends: [{ outcome: { headline: '24 passed, 1 skipped' } }] })
      expect(events).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn', message: 'the release record cannot be read' }))
      expect(readFileSync(join(workspace, '.slipway/record.json'), 'utf8')).toBe(text)
    },
  )

  /** The same task without anything for the record. */
  const tell =
    (run: Run<never>): Run<never> =>
    async (...given) =>
      ({ ...(await run(...given)), record: {}, own: undefined }) as never
})

describe('on GitHub', () => {
  async function onGithub(script: Script, inputs?: () => RawInputs, output = '') {
    const workspace = workspaceWith({ output: '', summary: '' })
    const surroundings = fakeSurroundings({
      environment: {
        GITHUB_OUTPUT: output || join(workspace, 'output'),
        GITHUB_STEP_SUMMARY: join(workspace, 'summary'),
        GITHUB_WORKSPACE: workspace,
      },
    })
    const host = githubHost(surroundings)
    const session = await openSession({
      host,
      workspace,
      signal: new AbortController().signal,
      version: '0.0.0',
      emit: () => undefined,
      hostLog: true,
    })
    const task = taskNamed('test', script)
    const end = await runSingle({ session, task, inputs: inputs ?? (() => new Map()), failures })
    const file = (name: string): string => readFileSync(join(workspace, name), 'utf8')
    return { end, stdout: surroundings.written.stdout, outputs: file('output'), summary: file('summary') }
  }

  it('gives outputs and a summary', async () => {
    const { end, outputs, summary } = await onGithub({ ran: [] })
    expect(end.exit).toBe(0)
    expect(outputs).toMatch(/^passed<<(\S+)\n24\n\1\n$/)
    expect(summary).toContain('24 passed')
  })

  it('annotates the failure once, and gives every output, empty', async () => {
    const script: Script = {
      ran: [],
      during() {
        throw kinds.refused('no, because: it is late')
      },
    }
    const { end, stdout, outputs, summary } = await onGithub(script)
    expect(end.exit).toBe(3)
    expect(stdout.match(/^::error .*$/gm)).toEqual([
      expect.stringMatching(/title=SW-FAKE-REFUSED::no, because: it is late%0Afix: Ask nicely\.$/),
    ])
    expect(summary).toContain('SW-FAKE-REFUSED, policy  \nno, because\\: it is late  \nfix\\: Ask nicely.  \n')
    expect(outputs).toMatch(/^passed<<(\S+)\n\n\1\n$/)
  })

  it('gives outputs also when the inputs could not be read', async () => {
    const { end, outputs } = await onGithub({ ran: [] }, () => {
      throw kinds.refused('ambiguous')
    })
    expect(end.exit).toBe(3)
    expect(outputs).toMatch(/^passed<<(\S+)\n\n\1\n$/)
  })

  it('fails when its outputs cannot be written', async () => {
    const { end } = await onGithub({ ran: [] }, undefined, '/nonexistent/output')
    expect(end).toMatchObject({ status: 'failed', exit: 4, failure: { code: 'SW-HOST-UNWRITABLE' } })
  })
})

it('opens a session whose temporary folders are gone when it is closed', async () => {
  const { session } = await fakeSession(workspaceWith())
  const folder = await session.ports('test').files.temporary('layers')
  writeFileSync(join(folder, 'x'), '')
  session.close()
  expect(existsSync(folder)).toBe(false)
})
