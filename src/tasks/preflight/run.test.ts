import { describe, expect, it, test } from '@jest/globals'
import { addRobot, addTeam } from '../../../test/fakes/harbor/images.ts'
import { type HarborScene, harborScene } from '../../../test/fakes/harbor/scene.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { startFakeRegistry } from '../../../test/fakes/registry.ts'
import { execute } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const scene = harborScene()
const rights = ['repository:pull', 'repository:push', 'project:read', 'quota:read', 'artifact:read', 'scanner:read', 'robot:list']

type Harbor = HarborScene['harbor']

/** The task, as a robot with these rights. */
async function ask(arrange: (harbor: Harbor) => void, inputs: Readonly<Record<string, string>> = {}, allowed = rights) {
  const { harbor, ports: client } = scene()
  addTeam(harbor, [])
  arrange(harbor)
  const { username, password } = addRobot(harbor, 'team', allowed)
  const { ports, recorded } = fakePorts({ http: client.http, clock: client.clock })
  const given = { image: `${harbor.address}/team/app`, username, password, ...inputs }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(given)), record: emptyRecord, ports },
  )
  return { ...outcome, recorded, verdict: outcome.outputs.get('verdict') }
}

const nothing = (): void => undefined
const readOnly = ({ state }: Harbor): void => void state.settings.set('read_only', true)
const full = ({ state }: Harbor): void => {
  for (const { quota } of state.projects) quota.hard = 0
}

describe('a Harbor that is asked beforehand', () => {
  it('and would take it all lets it pass, and changes nothing', async () => {
    const { failure, verdict, headline } = await ask(nothing)
    expect([failure, verdict, headline]).toEqual([undefined, 'pass', expect.stringMatching(/team\/app · 8 of 8 checks passed$/)])
    expect(scene().harbor.log.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  it('and does not tell all is never taken for good', async () => {
    const { failure, verdict, headline } = await ask(nothing, {}, ['repository:push'])
    expect([failure, verdict, headline]).toEqual([undefined, 'unknown', expect.stringMatching(/2 unknown: expiry, quota$/)])
  })

  test.each<[string, (harbor: Harbor) => void, Readonly<Record<string, string>>, string, RegExp]>([
    ['in read-only mode', readOnly, {}, 'SW-HARBOR-READ-ONLY', /nothing can be pushed/],
    ['with a full project', full, {}, 'SW-HARBOR-QUOTA', /delete old images or raise the quota/],
    ['without the scanner that is wanted', nothing, { scan: 'true' }, 'SW-HARBOR-NO-SCANNER', /none is registered/],
    ['without the project', nothing, { image: 'ADDRESS/other/app' }, 'SW-HARBOR-PROJECT', /there is no project other/],
    ['with another password', nothing, { password: 'Other-Secret1' }, 'SW-HARBOR-LOGIN', /from the inputs username and password/],
  ])('%s ends the run with the error that it would be later', async (_, arrange, inputs, code, message) => {
    const given = Object.fromEntries(Object.entries(inputs).map(([name, text]) => [name, text.replace('ADDRESS', scene().harbor.address)]))
    const { failure, verdict } = await ask(arrange, given)
    expect([failure, verdict]).toEqual([expect.objectContaining({ code, exit: 4, message: expect.stringMatching(message) }), 'fail'])
  })

  it('tells all faults at once, each with its code', async () => {
    const both = (harbor: Harbor): void => {
      readOnly(harbor)
      full(harbor)
    }
    const { failure } = await ask(
      both,
      {},
      rights.filter((right) => right !== 'repository:push'),
    )
    expect(failure).toMatchObject({ code: 'SW-HARBOR-PREFLIGHT', exit: 4, safe: 'nothing was pushed' })
    for (const code of ['SW-HARBOR-READ-ONLY', 'SW-HARBOR-DENIED', 'SW-HARBOR-QUOTA']) expect(String(failure)).toContain(code)
  })

  test.each([
    ['a page', 200],
    ['a door', 403],
  ])('and has %s before its API is not known, and no fault', async (_, status) => {
    const page = { status, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') }
    const { failure, verdict } = await ask(({ instead }) => instead(/users\/current/, page))
    expect([failure, verdict]).toEqual([undefined, 'unknown'])
  })

  it('for a warning goes on, and says so', async () => {
    const { failure, verdict, recorded } = await ask(readOnly, { preflight: 'warn' })
    expect([failure, verdict]).toEqual([undefined, 'fail'])
    expect(recorded.lines.join('\n')).toContain('read-only')
  })

  it('is not asked where nobody wants it', async () => {
    const { verdict } = await ask(readOnly, { preflight: 'off' })
    expect([verdict, scene().harbor.log]).toEqual(['none', []])
  })

  it('makes no project where it is not to be asked, and says so', async () => {
    const { failure } = await ask(nothing, { preflight: 'off', 'create-project': 'true' })
    expect([failure, scene().harbor.log]).toEqual([expect.objectContaining({ code: 'SW-INPUT-INVALID' }), []])
  })
})

it('another registry is asked one question, without a credential', async () => {
  await using registry = await startFakeRegistry()
  const { verdict, headline } = await ask(nothing, { image: `${registry.address}/team/app` })
  expect([verdict, headline]).toEqual(['none', expect.stringContaining('does not answer as a Harbor')])
  const asked = registry.asked.filter(({ path }) => path.includes('/api/'))
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
})

it('nothing that answers is told before anything is built', async () => {
  const { failure, recorded } = await ask(nothing, { image: '127.0.0.1:1/team/app' })
  expect(failure).toMatchObject({ code: 'SW-REGISTRY-UNREACHABLE', exit: 6 })
  // By its failure, and not in the log as well.
  expect(recorded.lines.join('\n')).not.toContain('Could not ask')
})

it('nothing that answers is a warning where faults are', async () => {
  const { failure, verdict, recorded } = await ask(nothing, { image: '127.0.0.1:1/team/app', preflight: 'warn' })
  expect([failure, verdict]).toEqual([undefined, 'fail'])
  expect(recorded.lines.join('\n')).toContain('Could not ask 127.0.0.1:1 beforehand')
})
