import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import { pushImage, pushIndex } from '../fakes/harbor/images.ts'
import { forgetReplication } from '../fakes/harbor/routes/replication.ts'
import { madeUp, type ScanPlan } from '../fakes/harbor/scans.ts'
import {
  addProject,
  addUser,
  artifactOf,
  nextId,
  type Permission,
  type Project,
  type Repository,
  repositoryOf,
  timeOf,
} from '../fakes/harbor/state.ts'
import type { Contents } from './content.ts'

/** What a scenario's exchanges do not tell of the time before and between them. */
export interface Scene {
  /** Whether a scanner is registered. Default: when one shows. */
  readonly scanner?: boolean
  /** When it began; default 2026-11-21T16:20:00Z. */
  readonly start?: string
  readonly projects?: Readonly<Record<string, { metadata?: Record<string, string>; members?: Record<string, number>; hard?: number }>>
  readonly before?: (harbor: FakeHarbor, contents: Contents) => void | Promise<void>
  /** Done before the exchange of that number. */
  readonly at?: Readonly<Record<number, (harbor: FakeHarbor) => void>>
  /** Requests with a wrong password whose notes do not say so. */
  readonly wrong?: readonly number[]
  /** What robots may, whose notes do not tell. */
  readonly robots?: Readonly<Record<string, readonly Permission[]>>
  /** Requests that bring a token of their own. */
  readonly renewed?: readonly number[]
}

const never = Number.POSITIVE_INFINITY

export const scenes: Readonly<Record<string, Scene>> = {
  '01-system': {
    async before(harbor) {
      stageProject(harbor, 'p-pub', { public: 'true' })
      stageProject(harbor, 'p-art', {}, ['alice'])
      for (const name of ['p-pub/app', 'p-art/app', 'p-art/crane']) await pushImage(harbor, name, { tag: 'v1' })
    },
  },
  '02-csrf-session': {
    before: ({ state }) =>
      void state.labels.push({
        ...{ id: 1, name: 'csrf-1', description: undefined, color: undefined, scope: 'g', project: undefined },
        ...{ created: timeOf(state), updated: timeOf(state) },
      }),
  },
  '03-projects': {
    at: {
      39: ({ state }) => void state.settings.set('project_creation_restriction', 'adminonly'),
      40: ({ state }) => {
        state.settings.delete('project_creation_restriction')
        for (const name of ['rec-alice', 'rec-alice2'])
          state.projects.splice(
            state.projects.findIndex((one) => one.name === name),
            1,
          )
      },
      85: (harbor) => void addRepository(harbor, 'rec-a/app'),
      87: ({ state }) => void state.repositories.splice(0),
    },
  },
  '04-quota': { projects: { 'p-quota': { members: {}, hard: 100_000 } } },
  '05-members': {
    projects: { 'p-mem': { members: {} } },
    at: { 13: (harbor) => renumber(harbor, 'p-mem', { alice: 80 }), 19: (harbor) => join(harbor, 'p-mem', { alice: 2 }) },
    before: async (harbor) => void (await pushImage(harbor, 'p-mem/app', { tag: 'v1' })),
  },
  '06-robots': {
    start: '2026-11-21T16:14:59Z',
    at: {
      84: ({ state }) =>
        void state.robots.filter(({ id }) => id === 2).map((robot) => Object.assign(robot, { expires: 1_795_277_655 - 600 })),
    },
  },
  '07-token': {
    projects: { 'p-tok': { members: { alice: 2, carol: 3 } }, 'p-tok2': { members: {} } },
  },
  '12-copy-delete-names': {
    projects: { 'p-src': { members: { alice: 2, carol: 3 } }, 'p-dst': { members: { alice: 2 } } },
    async before(harbor, contents) {
      const child = await pushImage(harbor, 'p-src/mi', { seed: 'child' })
      await pushIndex(harbor, 'p-src/mi', { children: [{ digest: child, os: 'linux', architecture: 'amd64' }], tag: 'm' })
      contents.learn('47f034c0340f565ac248cf8674bf7249e4080f79f75426a0e4d5b87e80000ff6', child)
    },
  },
  '13c-many': {
    before: ({ state }) => {
      const repository = repositoryOf(state, 'p-race/many')
      const digest = artifactOf(repository, 'v1')?.digest ?? ''
      for (let n = 0; n < 120; n += 1) {
        const name = `t${String(n).padStart(3, '0')}`
        repository?.tags.set(name, { id: nextId(state, 'tag'), name, digest, pushed: timeOf(state) })
      }
    },
  },
  '14-content-trust': {
    projects: { 'p-ct': { metadata: { enable_content_trust_cosign: 'true' } } },
    at: { 47: (harbor) => setting(harbor, 'p-ct', { enable_content_trust: 'true', enable_content_trust_cosign: 'false' }) },
  },
  '14b-policy-bypass': { projects: { 'p-ua': { metadata: { enable_content_trust_cosign: 'true' } } } },
  '15-scanner-registry': {
    scanner: false,
    at: {
      11: ({ state }) => void state.settings.set('scanner_down', true),
      12: ({ state }) => void state.settings.delete('scanner_down'),
    },
  },
  '17-prevent-vul': {
    start: '2026-11-21T16:25:35Z',
    projects: { 'p-vul': { metadata: { prevent_vul: 'true', severity: 'high', reuse_sys_cve_allowlist: 'false' } } },
    at: {
      8: (harbor) => scanned(harbor, 'un', { runs: 0, ends: never, end: 'Success' }),
      12: (harbor) => scanned(harbor, 'er', { runs: 0, ends: 0, end: 'Error' }),
      15: (harbor) => scanned(harbor, 'sc', { runs: 0, ends: 0, end: 'Success', vulnerabilities: madeUp }),
      29: (harbor) => scanned(harbor, 'cl', { runs: 0, ends: 0, end: 'Success', vulnerabilities: [] }),
      56: (harbor) =>
        scanned(harbor, 'sc', { runs: 0, ends: 0, end: 'Success', vulnerabilities: madeUp.filter(({ severity }) => severity === 'High') }),
    },
  },
  '21-gc': {},
  '23-replication-config-jobs': {
    at: { 19: (harbor) => forgetReplication(harbor.state), 23: ({ state }) => void state.settings.delete('robot_name_prefix') },
  },
  '19b-webhook-payloads': { projects: { 'p-hook2': { hard: 20_000 } } },
  '24b-login-lock': {
    before: async (harbor) => void (await pushImage(harbor, 'p-lock/app', { tag: 'v1' })),
  },
  '24-races': { at: { 19: ({ scans }) => void Object.assign(scans, { races: 2 }) } },
  '25-outage': {
    at: {
      1: ({ state }) => void state.down.add('jobservice'),
      5: ({ state }) => void state.down.delete('jobservice'),
      22: ({ state }) => void state.down.add('registry'),
      31: ({ state }) => void state.down.delete('registry'),
      32: ({ state }) => void state.down.add('core'),
      34: ({ state }) => void state.down.delete('core'),
    },
  },
  '26-extras': {
    projects: { 'p-x': { metadata: { public: 'true' }, members: { alice: 2 } } },
    before: async (harbor, contents) => {
      const other = await pushImage(harbor, 'p-x/other', { tag: 'v1', seed: 'other' })
      contents.learn('8f60511414b0d81b56b9eb17d972c5e4a6f4f3fca9cff86ec7d45c3654942f84', other)
    },
  },
  '27-permissions': {
    projects: { 'p-perm': { members: { alice: 2, bob: 5, carol: 3, dave: 4 } } },
    before: ({ state }) =>
      void state.labels.push({
        ...{ id: 14, name: 'perm', description: undefined, color: undefined, scope: 'p', project: 60 },
        ...{ created: timeOf(state), updated: timeOf(state) },
      }),
  },
  '27b-permission-sets': {
    robots: {
      'robot$p-perm+q67583611': allowed('repository:read repository:update'),
      'robot$p-perm+q67595212': allowed('metadata:read project:update robot:create label:create'),
    },
  },
  '28-proxy-cache': { before: async (harbor) => void (await pushImage(harbor, 'p-up/app', { tag: 'v1' })) },
  '29-token-expiry-spec': { renewed: [21, 23] },
}

function allowed(rights: string): readonly Permission[] {
  const access = rights.split(' ').map((right) => ({ resource: right.split(':')[0] ?? '', action: right.split(':')[1] ?? '' }))
  return [{ kind: 'project', namespace: 'p-perm', access }]
}

function stageProject({ state }: FakeHarbor, name: string, metadata: Record<string, string>, members: readonly string[] = []): Project {
  const known = state.projects.find((one) => one.name === name)
  const project = known ?? addProject(state, name, { owner: state.users[0] ?? addUser(state, 'admin'), metadata })
  for (const user of state.users.filter((one) => members.includes(one.name)))
    project.members.push({ id: nextId(state, 'member'), user, role: 2 })
  return project
}

function projectOf({ state }: FakeHarbor, name: string): Project | undefined {
  return state.projects.find((one) => one.name === name)
}

function setting(harbor: FakeHarbor, name: string, metadata: Record<string, string>): void {
  for (const [key, value] of Object.entries(metadata)) projectOf(harbor, name)?.metadata.set(key, value)
}

function join(harbor: FakeHarbor, name: string, roles: Record<string, number>): void {
  for (const [user, role] of Object.entries(roles)) {
    const known = harbor.state.users.find((one) => one.name === user)
    if (known !== undefined) projectOf(harbor, name)?.members.push({ id: nextId(harbor.state, 'member'), user: known, role })
  }
}

function renumber(harbor: FakeHarbor, name: string, ids: Record<string, number>): void {
  const members = projectOf(harbor, name)?.members ?? []
  for (const member of members) if (ids[member.user.name] !== undefined) Object.assign(member, { id: ids[member.user.name] })
}

function addRepository({ state }: FakeHarbor, name: string): Repository | undefined {
  const project = state.projects.find((one) => name.startsWith(`${one.name}/`))
  if (project === undefined) return undefined
  const made = { id: nextId(state, 'repository'), name, project, created: timeOf(state), updated: timeOf(state), description: undefined }
  const repository: Repository = { ...made, artifacts: new Map(), tags: new Map() }
  state.repositories.push(repository)
  return repository
}

function scanned({ state, scans }: FakeHarbor, tag: string, plan: ScanPlan): void {
  const repository = state.repositories.find(({ tags }) => tags.has(tag))
  const artifact = artifactOf(repository, tag)
  const { script } = scans
  scans.script = () => plan
  if (repository !== undefined && artifact !== undefined) scans.begin(repository, artifact, 'vulnerability')
  scans.script = script
}
