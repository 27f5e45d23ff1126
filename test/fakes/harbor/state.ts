/** What a Harbor knows. Plain data: routes change it, tests arrange it. */
export interface User {
  readonly id: number
  readonly name: string
  password: string
  readonly admin: boolean
  readonly created: string
}

export interface Access {
  readonly resource: string
  readonly action: string
}

export interface Permission {
  readonly kind: string
  readonly namespace: string
  readonly access: readonly Access[]
}

export interface Robot {
  readonly id: number
  /** As the API wants it: without prefix and project. */
  readonly short: string
  readonly level: string
  readonly created: string
  readonly creator: number
  readonly creatorType: string
  updated: string
  description: string | undefined
  disabled: boolean
  /** Days; -1 for ever. */
  duration: number
  /** Seconds since 1970, or -1. */
  expires: number
  secret: string
  permissions: readonly Permission[]
}

export interface Member {
  readonly id: number
  /** Of a group its name and number, and nothing else that counts. */
  readonly user: User
  readonly isGroup?: boolean
  role: number
}

export interface Allowlist {
  readonly id: number
  items: readonly string[]
  /** Seconds since 1970. */
  expires: number | undefined
}

export interface Rule {
  readonly id: number
  body: Record<string, unknown>
}

export interface Project {
  readonly id: number
  readonly name: string
  readonly owner: User | Robot
  readonly created: string
  updated: string
  readonly metadata: Map<string, string>
  readonly allowlist: Allowlist
  readonly members: Member[]
  readonly quota: { readonly id: number; hard: number; updated: string }
  /** Bytes of the blobs that count, by digest. */
  readonly blobs: Map<string, number>
  readonly immutable: Rule[]
  readonly webhooks: Rule[]
  readonly registry: number | undefined
}

export interface Tag {
  readonly id: number
  readonly name: string
  digest: string
  readonly pushed: string
}

export interface Reference {
  readonly digest: string
  readonly platform: Readonly<Record<string, unknown>> | undefined
}

export interface Accessory {
  readonly id: number
  readonly subject: string
  readonly type: string
  readonly created: string
}

export interface Artifact {
  readonly id: number
  readonly digest: string
  readonly manifest: Buffer
  readonly manifestType: string
  readonly mediaType: string
  readonly artifactType: string | undefined
  readonly type: string
  /** With all that it is made of. */
  readonly size: number
  readonly blobs: ReadonlyMap<string, number>
  readonly extra: unknown
  readonly history: unknown
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly references: readonly Reference[]
  readonly accessory: Accessory | undefined
  readonly pushed: string
  pulled: string
  readonly labels: number[]
}

export interface Repository {
  readonly id: number
  /** With its project: `team/app`. */
  readonly name: string
  readonly project: Project
  readonly created: string
  updated: string
  description: string | undefined
  readonly artifacts: Map<string, Artifact>
  readonly tags: Map<string, Tag>
}

export interface Label {
  readonly id: number
  name: string
  description: string | undefined
  color: string | undefined
  readonly scope: string
  readonly project: number | undefined
  readonly created: string
  updated: string
}

export interface ScannerRegistration {
  readonly uuid: string
  readonly name: string
  readonly description: string | undefined
  readonly url: string
  readonly auth: string
  isDefault: boolean
  readonly internal: boolean
  readonly created: string
}

/** Parts that can be taken down. */
export type Part = 'core' | 'registry' | 'jobservice'

export interface State {
  readonly now: () => number
  version: string
  readonly users: User[]
  readonly robots: Robot[]
  readonly projects: Project[]
  readonly repositories: Repository[]
  readonly labels: Label[]
  readonly scanners: ScannerRegistration[]
  readonly allowlist: Allowlist
  /** Settings that differ from the defaults. */
  readonly settings: Map<string, unknown>
  readonly down: Set<Part>
  /** The next id of a kind, in order from 1 unless it is set. */
  readonly ids: Map<string, number>
}

/** Dates that are not: never pulled, never ended. */
export const yearOne = '0001-01-01T00:00:00.000Z'

export function createState(now: () => number): State {
  const state: State = {
    ...{ now, version: 'v2.15.2-0d9f3c5a', users: [], robots: [], projects: [], repositories: [], labels: [], scanners: [] },
    allowlist: { id: 1, items: [], expires: undefined },
    ...{ settings: new Map(), down: new Set<Part>(), ids: new Map() },
  }
  const admin = addUser(state, 'admin', { admin: true })
  addProject(state, 'library', { owner: admin, metadata: { public: 'true' } })
  return state
}

export function nextId({ ids }: State, kind: string): number {
  const id = ids.get(kind) ?? 1
  ids.set(kind, id + 1)
  return id
}

export function timeOf({ now }: State): string {
  return new Date(now()).toISOString()
}

export function addUser(state: State, name: string, { password = `${name}-Passw0rd`, admin = false } = {}): User {
  const user = { id: nextId(state, 'user'), name, password, admin, created: timeOf(state) }
  state.users.push(user)
  return user
}

export function addProject(
  state: State,
  name: string,
  {
    owner,
    metadata = {},
    hard = -1,
    registry,
  }: { owner: User | Robot; metadata?: Record<string, string>; hard?: number; registry?: number },
): Project {
  const created = timeOf(state)
  const id = nextId(state, 'project')
  const project: Project = {
    ...{ id, name, owner, created, updated: created, registry },
    metadata: new Map(Object.entries({ public: 'false', ...metadata })),
    allowlist: { id, items: [], expires: undefined },
    members: 'admin' in owner ? [{ id: nextId(state, 'member'), user: owner, role: 1 }] : [],
    quota: { id: nextId(state, 'quota'), hard, updated: yearOne },
    ...{ blobs: new Map(), immutable: [], webhooks: [] },
  }
  state.projects.push(project)
  return project
}

export function repositoryOf(state: State, name: string): Repository | undefined {
  return state.repositories.find((one) => one.name === name)
}

/** By tag or digest. */
export function artifactOf(repository: Repository | undefined, reference: string): Artifact | undefined {
  return repository?.artifacts.get(repository.tags.get(reference)?.digest ?? reference)
}

export function accessoriesOf(repository: Repository, digest: string): readonly Artifact[] {
  return [...repository.artifacts.values()].filter(({ accessory }) => accessory?.subject === digest)
}

/** The name as Harbor shows it. */
export function robotName({ settings }: State, { level, short, permissions }: Robot): string {
  const prefix = String(settings.get('robot_name_prefix') ?? 'robot$')
  return `${prefix}${level === 'project' ? `${permissions[0]?.namespace}+` : ''}${short}`
}

/** Bytes that a project takes: its blobs once, and its manifests. */
export function usedBy({ repositories }: State, project: Project): number {
  const manifests = repositories.filter((one) => one.project === project).flatMap(({ artifacts }) => [...artifacts.values()])
  return [...project.blobs.values(), ...manifests.map(({ manifest }) => manifest.length)].reduce((sum, size) => sum + size, 0)
}
