import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { harborScene } from '../../../test/fakes/harbor/scene.ts'
import { addUser } from '../../../test/fakes/harbor/state.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { messageOf } from '../../base/errors.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const scene = harborScene()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  await writeFile(join(folder, 'harbor.yaml'), file)
})
afterEach(() => rm(folder, { recursive: true }))

const file = `projects:
  shop:
    metadata:
      public: true
      severity: high
    labels: { prod: { color: "#ff0000" } }
`

interface Ran extends Outcome {
  readonly lines: readonly string[]
}

async function project(mode: string, inputs: Readonly<Record<string, Raw>> = {}): Promise<Ran> {
  const { ports, recorded } = fakePorts()
  const { harbor, ports: own } = scene()
  const given = { url: harbor.url, username: 'admin', password: 'admin-Passw0rd', file: 'harbor.yaml', mode, ...inputs }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    {
      inputs: new Map(Object.entries(given)),
      record: emptyRecord,
      ports: { ...ports, http: own.http, clock: own.clock, files: { ...ports.files, workspace: folder } },
    },
  )
  return { ...outcome, lines: recorded.lines }
}

const writes = (): readonly string[] => scene().harbor.log.filter((line) => !/^(?:GET|HEAD) /.test(line))
/** What tests of this file look at in SARIF. */
interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly message: { readonly text: string }
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } }
      }[]
    }[]
  }[]
}

describe('plan', () => {
  it('tells each setting with before and after, and changes nothing', async () => {
    const { failure, headline, outputs, lines } = await project('plan')
    expect(failure).toBeUndefined()
    expect(headline).toBe('4 to create')
    expect(outputs.get('changes')).toBe('4')
    expect(lines.join('\n')).toContain('+ shop › metadata › severity  high  line 5')
    expect(writes()).toEqual([])
  })

  it('refuses a file by line and path, with all its faults', async () => {
    await writeFile(
      join(folder, 'harbor.yaml'),
      'projects:\n  shop:\n    metadata: { publik: true,\n      severity: hihg }\n    quota: much\n',
    )
    const { failure } = await project('plan')
    expect(failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-FILE', exit: 2 })
    expect(messageOf(failure).split('\n')).toEqual([
      'harbor.yaml cannot be used, 3 faults:',
      '  line 3  projects.shop.metadata.publik is not known here; did you mean `public`?',
      '  line 4  projects.shop.metadata.severity is "hihg", expected one of none, negligible, low, medium, high, critical; did you mean high?',
      '  line 5  projects.shop.quota is "much", expected a size such as 20GiB, or unlimited',
    ])
  })

  it.each([
    ['prune', { prune: 'member' }, 'did you mean members?'],
    ['projects', { projects: 'shpo' }, 'did you mean shop?'],
    ['secrets', { secrets: 'no pair' }, 'expected NAME=value'],
  ])('refuses %s that mean nothing', async (_, inputs, words) => {
    const { failure } = await project('plan', inputs)
    expect(failure).toMatchObject({ exit: 2, message: expect.stringContaining(words) })
  })
})

describe('check', () => {
  it('passes where nothing differs', async () => {
    await project('apply')
    const { failure, headline } = await project('check')
    expect([failure, headline]).toEqual([undefined, '4 unchanged'])
  })

  it('fails by exit code 3 where something does, each at its line', async () => {
    await project('apply')
    scene()
      .harbor.state.projects.find(({ name }) => name === 'shop')
      ?.metadata.set('severity', 'low')
    const { failure, outputs, files } = await project('check')
    expect(failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-DRIFT', exit: 3 })
    expect(outputs.get('changes')).toBe('1')
    const [result] = (JSON.parse(files?.get('sarif') ?? '') as Sarif).runs[0]?.results ?? []
    expect(result?.message.text).toBe('shop › metadata › severity: Harbor has low, the file says high.')
    expect(result?.locations[0]?.physicalLocation).toEqual({ artifactLocation: { uri: 'harbor.yaml' }, region: { startLine: 5 } })
  })
})

describe('apply', () => {
  it('does it, and a second time writes nothing', async () => {
    const { headline, files } = await project('apply')
    expect(headline).toBe('4 created')
    expect((JSON.parse(files?.get('sarif') ?? '') as Sarif).runs[0]?.results).toEqual([])
    const written = writes().length
    expect((await project('apply')).headline).toBe('4 unchanged')
    expect(writes()).toHaveLength(written)
  })

  it('says once what `prune` leaves: who asks, and administrators where the file names none', async () => {
    for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
    await writeFile(join(folder, 'harbor.yaml'), `${file}    members: { alice: project-admin, bob: developer }\n`)
    await project('apply')
    await writeFile(join(folder, 'harbor.yaml'), `${file}    members: {}\n`)
    const told = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.includes('prune leaves'))
    expect(told((await project('apply')).lines)).toEqual([])
    for (const mode of ['plan', 'apply'])
      expect(told((await project(mode, { prune: 'members' })).lines)).toEqual([
        'info prune leaves it as it is {"setting":"shop › members › admin"}',
        'info prune leaves it as it is {"setting":"shop › members › alice"}',
      ])
    expect(
      scene()
        .harbor.state.projects.find(({ name }) => name === 'shop')
        ?.members.map(({ user }) => user.name),
    ).toEqual(['admin', 'alice'])
  })

  it('goes on with other projects where one fails, and then fails', async () => {
    await writeFile(join(folder, 'harbor.yaml'), `${file}    members: { ghost: guest }\n  tools: { metadata: { public: true } }\n`)
    const { failure, lines } = await project('apply')
    expect(failure).toMatchObject({ code: 'SW-HARBOR-NOT-FOUND', message: expect.stringContaining('ghost') })
    expect(lines.join('\n')).toContain('a project is not as the file says')
    expect(scene().harbor.state.projects.map(({ name }) => name)).toContain('tools')
  })

  it('of some projects leaves the others', async () => {
    await writeFile(join(folder, 'harbor.yaml'), `${file}  tools:\n`)
    await project('apply', { projects: 'tools' })
    expect(scene().harbor.state.projects.map(({ name }) => name)).toEqual(['library', 'tools'])
  })
})

describe('export', () => {
  it('writes a file that finds nothing to change, and never over another', async () => {
    await project('apply')
    expect((await project('export', { projects: 'shop', file: 'was.yaml' })).headline).toBe('1 project → was.yaml')
    expect(await readFile(join(folder, 'was.yaml'), 'utf8')).toContain('severity: high')
    expect((await project('check', { file: 'was.yaml' })).failure).toBeUndefined()
    expect((await project('export', { projects: 'shop', file: 'was.yaml' })).failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-INPUT' })
  })
})

it('without an account nothing is asked of Harbor', async () => {
  const { failure } = await project('plan', { username: '', password: '' })
  expect(failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-ACCOUNT' })
  expect(scene().harbor.log).toEqual([])
})
