import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeGithubSecrets, fakeGithubSecrets } from '../../../test/fakes/github-secrets.ts'
import { addTeam } from '../../../test/fakes/harbor/images.ts'
import { harborScene } from '../../../test/fakes/harbor/scene.ts'
import { type FakeKubernetes, fakeKubernetes } from '../../../test/fakes/kubernetes-secrets.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { accountOf } from '../../domain/harbor/login.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const scene = harborScene()
const day = 86_400_000
const [ofGithub, ofKubernetes] = ['token-of-github', 'token-of-kubernetes']

let github: FakeGithubSecrets
let cluster: FakeKubernetes
let said: string[]
beforeEach(async () => {
  github = await fakeGithubSecrets(ofGithub)
  cluster = await fakeKubernetes(ofKubernetes, ['ci'])
  said = []
})
afterEach(async () => {
  await github.close()
  await cluster.close()
})

const fileOf = (more = ''): string => `
projects:
  team:
    robots:
      ci:
        permissions: [push, scan]
        description: pushes
        secret-to:
          - github: acme/app
            api: ${github.url}
            token: { secret: GITHUB }
          - kubernetes: ci/harbor
            server: ${cluster.url}
            token: { secret: KUBERNETES }
${more}`

async function harborProject(
  inputs: Readonly<Record<string, string>>,
  { file = fileOf(), secrets = `GITHUB=${ofGithub}\nKUBERNETES=${ofKubernetes}` } = {},
): Promise<Outcome> {
  const { harbor, ports: given } = scene()
  const { ports, recorded } = fakePorts({ ...given, progress: { doing: (what) => void said.push(what) } })
  const { log, ...others } = ports
  const telling = Object.fromEntries(
    (['debug', 'info', 'warn', 'error', 'untrusted'] as const).map((level) => [
      level,
      (message: string, fields: object = {}) => void said.push(`${message} ${JSON.stringify(fields)}`),
    ]),
  )
  writeFileSync(join(ports.files.workspace, 'harbor.yaml'), file)
  const values = { url: harbor.url, file: 'harbor.yaml', username: 'admin', password: 'admin-Passw0rd', secrets, ...inputs }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(values)), record: emptyRecord, ports: { ...others, log: { ...log, ...telling } } },
  )
  said.push(
    JSON.stringify([
      ...outcome.outputs,
      ...(outcome.files ?? []),
      outcome.record,
      outcome.summary,
      String(outcome.failure),
      ...recorded.lines,
    ]),
  )
  return outcome
}

/** The logins that the stores have now. */
function kept(): { readonly username: string; readonly password: string }[] {
  const inGithub = github.values.get('/repos/acme/app/actions/secrets/DOCKER_AUTH_CONFIG') ?? '{}'
  const inCluster = Buffer.from(cluster.secrets.get('ci/harbor')?.data['.dockerconfigjson'] ?? 'e30=', 'base64').toString()
  return [inGithub, inCluster].flatMap((text) => {
    const auths: Record<string, { auth: string }> = JSON.parse(text).auths ?? {}
    return Object.values(auths).map(({ auth }) => {
      const [username = '', password = ''] = Buffer.from(auth, 'base64').toString().split(':')
      return { username, password }
    })
  })
}

const robots = (): string[] => scene().harbor.state.robots.map(({ short, disabled }) => `${short}${disabled ? ' disabled' : ''}`)
function openTeam(): void {
  const { harbor } = scene()
  addTeam(harbor, [])
  harbor.state.robots.length = 0
}

describe('robots of a file', () => {
  test('are made by apply, which hands their secrets over, and a second apply writes nothing', async () => {
    openTeam()
    expect((await harborProject({ mode: 'apply' })).failure).toBeUndefined()
    expect(robots()).toEqual(['ci'])
    const { connect, harbor } = scene()
    for (const login of kept()) expect(await accountOf(connect(login))).toEqual({ kind: 'robot' })
    expect(kept().map(({ username }) => username)).toEqual(['robot$team+ci', 'robot$team+ci'])
    harbor.log.length = 0
    expect((await harborProject({ mode: 'apply' })).failure).toBeUndefined()
    expect(harbor.log.filter((line) => /^(?:POST|PUT|PATCH|DELETE)/.test(line))).toEqual([])
    expect((await harborProject({ mode: 'check' })).failure).toBeUndefined()
  })

  test('whose rights differ are changed in place', async () => {
    openTeam()
    await harborProject({ mode: 'apply' })
    const more = fileOf().replace('[push, scan]', '[push, tag:delete]').replace('description: pushes', 'description: pushes more')
    expect((await harborProject({ mode: 'check' }, { file: more })).failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-DRIFT' })
    expect((await harborProject({ mode: 'apply' }, { file: more })).failure).toBeUndefined()
    const [robot] = scene().harbor.state.robots
    expect(robot?.permissions[0]?.access.map(({ resource, action }) => `${resource}:${action}`)).toEqual(['repository:push', 'tag:delete'])
    expect(robot?.description).toBe('pushes more')
    expect(robots()).toEqual(['ci'])
  })

  test('that have expired are drift, and apply puts others in their place, once', async () => {
    openTeam()
    await harborProject({ mode: 'apply' })
    await scene().clock.sleep(91 * day)
    expect((await harborProject({ mode: 'check' })).failure).toMatchObject({ code: 'SW-HARBOR-PROJECT-DRIFT' })
    expect((await harborProject({ mode: 'apply' })).failure).toBeUndefined()
    expect(robots().map((robot) => robot.split(' ')[0])).toEqual(['ci', 'ci-g2'])
    expect(kept().map(({ username }) => username)).toEqual(['robot$team+ci-g2', 'robot$team+ci-g2'])
    scene().harbor.log.length = 0
    expect((await harborProject({ mode: 'apply' })).failure).toBeUndefined()
    expect(scene().harbor.log.filter((line) => /^(?:POST|PUT|PATCH|DELETE)/.test(line))).toEqual([])
    expect((await harborProject({ mode: 'check' })).failure).toBeUndefined()
  })

  test('that nobody would keep the secret of are not made', async () => {
    openTeam()
    const file = 'projects:\n  team:\n    robots:\n      ci:\n        permissions: [push]\n'
    expect((await harborProject({ mode: 'apply' }, { file })).failure).toMatchObject({
      code: 'SW-HARBOR-ROBOT-UNKEPT',
      hint: 'Give projects.team.robots.ci.secret-to.',
    })
    expect(robots()).toEqual([])
  })
})

describe('mode rotate', () => {
  test('replaces what expires soon in all stores; plan tells before', async () => {
    openTeam()
    await harborProject({ mode: 'apply' })
    expect((await harborProject({ mode: 'rotate' })).outputs.get('changes')).toBe('0')
    await scene().clock.sleep(80 * day)
    await harborProject({ mode: 'plan' })
    expect(said.join('\n')).toMatch(/team\/ci {2}to replace: it expires on \d{4}-/)
    expect(robots()).toEqual(['ci'])
    const outcome = await harborProject({ mode: 'rotate' })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.outputs.get('changes')).toBe('2')
    expect(JSON.parse(outcome.files?.get('plan') ?? '')).toMatchObject({
      rotations: [{ project: 'team', robot: 'ci', made: 'robot$team+ci-g2', disabled: ['robot$team+ci'], failed: false }],
    })
    expect(robots()).toEqual(['ci disabled', 'ci-g2'])
    for (const login of kept()) expect(await accountOf(scene().connect(login))).toEqual({ kind: 'robot' })
    expect((await harborProject({ mode: 'check' })).failure).toBeUndefined()
  })

  test.each([
    ['team/ci', ['ci disabled', 'ci-g2']],
    ['all', ['ci disabled', 'ci-g2']],
  ])('on demand replaces %s', async (now, expected) => {
    openTeam()
    await harborProject({ mode: 'apply' })
    await harborProject({ mode: 'rotate', 'rotate-now': now })
    expect(robots()).toEqual(expected)
  })

  test.each(['rotate', 'plan'])('on demand of a robot that the file does not have is refused (%s)', async (mode) => {
    openTeam()
    await harborProject({ mode: 'apply' })
    const { failure } = await harborProject({ mode, 'rotate-now': 'team/cii' })
    expect(failure).toMatchObject({ exit: 2, message: expect.stringContaining('did you mean team/ci?') })
    expect(robots()).toEqual(['ci'])
  })

  test('of which one store refuses fails, and the robot in use stays in use', async () => {
    openTeam()
    await harborProject({ mode: 'apply' })
    const outcome = await harborProject({ mode: 'rotate', 'rotate-now': 'all' }, { secrets: `GITHUB=wrong\nKUBERNETES=${ofKubernetes}` })
    expect(outcome.failure).toMatchObject({ code: 'SW-SECRET-STORE-DENIED' })
    expect(robots()).toEqual(['ci'])
  })
})

describe('a secret', () => {
  test('of a robot or of a store is in no log, output, record, summary or error', async () => {
    openTeam()
    const outcomes = [
      { mode: 'apply' },
      { mode: 'rotate', 'rotate-now': 'all' },
      { mode: 'plan' },
      { mode: 'check' },
      { mode: 'export', projects: 'team' },
    ]
    const secrets: string[] = []
    for (const inputs of outcomes) {
      await harborProject(inputs)
      secrets.push(...scene().harbor.state.robots.map(({ secret }) => secret))
    }
    github.instead(/^PUT/, { status: 422, body: { message: 'no' } })
    expect((await harborProject({ mode: 'rotate', 'rotate-now': 'all' })).failure).toMatchObject({ code: 'SW-FORGE-REFUSED' })
    secrets.push(...scene().harbor.state.robots.map(({ secret }) => secret), ofGithub, ofKubernetes)
    expect(new Set(secrets).size).toBeGreaterThan(4)
    const all = said.join('\n')
    for (const secret of secrets) for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(all).not.toContain(form)
    expect(all).toContain('robot$team+ci')
  })
})
