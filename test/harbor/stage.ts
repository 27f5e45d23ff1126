import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import { addScanner } from '../fakes/harbor/routes/scanners.ts'
import { addProject, addUser, type Permission, type Project, type Robot } from '../fakes/harbor/state.ts'
import { accessoriesOf, imagesOf } from './before.ts'
import type { Contents } from './content.ts'
import { push, pushAccessory } from './pushes.ts'
import { objectsIn, type Scenario } from './recording.ts'
import type { Scene } from './scenes.ts'

const people = ['alice', 'bob', 'carol', 'dave']
const usual = { alice: 2, carol: 3, dave: 4 }

/** Everything that was there before a scenario began, as far as its exchanges tell. */
export async function setStage(
  harbor: FakeHarbor,
  scenario: Scenario,
  { scene, contents }: { scene: Scene; contents: Contents },
): Promise<void> {
  const { state } = harbor
  state.ids.set('user', 3)
  for (const name of people) addUser(state, name)
  if (scene.scanner ?? (shows(scenario, '/additions/vulnerabilities"') || scans(scenario))) addScanner(state)
  for (const { name, id, quota } of projectsOf(scenario)) stageProject(harbor, { name, id, quota }, scene)
  for (const { name, permissions, id } of robotsOf(scenario))
    stageRobot(harbor, { name, permissions: scene.robots?.[name] ?? permissions, id })
  const settings = new Map(state.projects.map((project) => [project, new Map(project.metadata)]))
  for (const project of state.projects) for (const name of project.metadata.keys()) if (name !== 'public') project.metadata.delete(name)
  const staged = imagesOf(scenario).filter(({ repository }) => state.projects.some(({ name }) => repository.startsWith(`${name}/`)))
  for (const image of staged) await push(harbor, image, contents)
  for (const one of accessoriesOf(scenario)) await pushAccessory(harbor, one, contents)
  for (const [project, metadata] of settings) for (const [name, value] of metadata) project.metadata.set(name, value)
  await scene.before?.(harbor, contents)
}

function shows({ exchanges }: Scenario, text: string): boolean {
  return exchanges.some(({ res }) => JSON.stringify(res.body ?? '').includes(text))
}

function scans({ exchanges }: Scenario): boolean {
  return exchanges.some(({ req, res }) => req.path.endsWith('/scan') && res.status === 202)
}

interface Staged {
  readonly name: string
  readonly id: number | undefined
  readonly quota: number | undefined
}

/** Projects that are used before they are made, or never made. */
function projectsOf({ exchanges }: Scenario): readonly Staged[] {
  const made = new Set<string>()
  const used = new Set<string>()
  const ids = new Map<string, number>()
  const quotas = new Map<string, number>()
  for (const { req, res } of exchanges) {
    if (req.method === 'POST' && /\/projects$/.test(req.path) && res.status === 201) made.add(String(Object(req.body).project_name))
    for (const name of namesIn(`${req.path} ${JSON.stringify(req.body ?? '')}`))
      if (!made.has(name) && !isUnknown(name, res)) used.add(name)
    for (const object of objectsIn(res.body)) {
      const { name, project_id: id, repository_name: repository, ref, id: own } = object
      if (typeof id === 'number' && typeof (repository ?? name) === 'string') ids.set(String(repository ?? name).split('/')[0] ?? '', id)
      if (typeof ref === 'object' && ref !== null && typeof own === 'number') {
        ids.set(String(Object(ref).name), Number(Object(ref).id))
        quotas.set(String(Object(ref).name), own)
      }
    }
  }
  return [...used].filter((name) => name !== 'library').map((name) => ({ name, id: ids.get(name), quota: quotas.get(name) }))
}

function namesIn(text: string): readonly string[] {
  const decoded = text.replaceAll('%2F', '/').replaceAll('%3A', ':')
  const found = [
    ...decoded.matchAll(/\/projects\/([^/?" ]+)/g),
    ...decoded.matchAll(/\/v2\/([^/]+)\/./g),
    ...decoded.matchAll(/[?&]from=([^/]+)\//g),
    ...decoded.matchAll(/repository:([^/:]+)\//g),
    ...decoded.matchAll(/project_name=([^& ]+)/g),
    ...decoded.matchAll(/"namespace":"([^"*/]+)"/g),
  ].map(([, name = '']) => name)
  return found.filter((name) => /^[a-z][a-z0-9-]*$/.test(name) && name !== 'nope' && name !== 'noproject')
}

function isUnknown(name: string, { body }: Scenario['exchanges'][number]['res']): boolean {
  return JSON.stringify(body ?? '').includes(`project ${name} not found`)
}

function stageProject({ state }: FakeHarbor, { name, id, quota }: Staged, scene: Scene): void {
  const [admin] = state.users
  if (admin === undefined) return
  if (id !== undefined) state.ids.set('project', id)
  else state.ids.set('project', 500 + state.projects.length)
  state.ids.set('quota', quota ?? 500 + state.projects.length)
  const metadata = { public: /pub$/.test(name) ? 'true' : 'false', ...scene.projects?.[name]?.metadata }
  const project: Project = addProject(state, name, { owner: admin, metadata, hard: scene.projects?.[name]?.hard ?? -1 })
  for (const [user, role] of Object.entries(scene.projects?.[name]?.members ?? usual)) {
    const known = state.users.find((one) => one.name === user)
    if (known !== undefined) project.members.push({ id: 500 + project.members.length, user: known, role })
  }
}

/** Robots that are used and never made; what they may is in the note of their first request. */
function robotsOf({ exchanges }: Scenario): readonly { name: string; id: number | undefined; permissions: readonly Permission[] }[] {
  const made = new Set(
    exchanges.flatMap(({ req, res }) => (req.path.endsWith('/robots') && res.status === 201 ? [String(Object(res.body).name)] : [])),
  )
  const ids = new Map(
    [...objectsIn(exchanges.map(({ res }) => res.body))].flatMap(({ name, id, level }) =>
      level !== undefined ? [[String(name), Number(id)] as const] : [],
    ),
  )
  const found = new Map<string, Permission[]>()
  for (const { who = '', req, note = '' } of exchanges) {
    if (!who.startsWith('robot$') || made.has(who) || made.has(who.replace('robot$', 'bot-'))) continue
    const project = /^robot\$(.+)\+/.exec(who)?.[1]
    const named = [
      ...(note.startsWith('scan gate set') ? 'scan:create artifact:read artifact-addition:read' : note).matchAll(
        /([a-z]+(?:-[a-z]+)*):([a-z]+)/g,
      ),
    ]
    const access = named.map(([, resource = '', action = '']) => ({ resource, action }))
    const known = found.get(who) ?? []
    found.set(who, [...known, { kind: 'project', namespace: project ?? '*', access: access.length > 0 ? access : usualAccess(req.path) }])
  }
  return [...found].map(([name, permissions]) => ({ name, id: ids.get(name), permissions }))
}

function usualAccess(path: string): Permission['access'] {
  return path.includes('/repositories') ? [{ resource: 'repository', action: 'list' }] : [{ resource: 'repository', action: 'pull' }]
}

function stageRobot(
  { state }: FakeHarbor,
  { name, permissions, id }: { name: string; permissions: readonly Permission[]; id: number | undefined },
): void {
  const [, project, short = name.slice('robot$'.length)] = /^robot\$(.+)\+(.+)$/.exec(name) ?? []
  const created = new Date(state.now()).toISOString()
  const robot: Robot = {
    ...{
      id: id ?? 500 + state.robots.length,
      short,
      level: project === undefined ? 'system' : 'project',
      created,
      updated: created,
      creator: 1,
    },
    ...{ creatorType: 'local', description: undefined, disabled: false, duration: 5 },
    ...{ expires: Math.floor(state.now() / 1000) + 5 * 86_400, secret: `${name}-Secret1`, permissions: merged(permissions) },
  }
  state.robots.push(robot)
}

function merged(permissions: readonly Permission[]): readonly Permission[] {
  const [first] = permissions
  return first === undefined ? [] : [{ ...first, access: permissions.flatMap(({ access }) => access) }]
}
