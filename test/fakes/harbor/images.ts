import { sha256 } from '../../../src/base/digest.ts'
import type { FakeHarbor } from './harbor.ts'
import { addProject, addUser, type Permission, type Project, robotName, timeOf } from './state.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

export interface Account {
  readonly username: string
  readonly password: string
}

/** A project of the administrator's with a robot that may do what is said (`scan:create`). */
export function addTeam(
  harbor: FakeHarbor,
  rights: readonly string[],
  { name = 'team', metadata = {} } = {},
): Account & { project: Project } {
  const { state } = harbor
  const [admin] = state.users
  const project = addProject(state, name, { owner: admin ?? addUser(state, 'admin'), metadata })
  return { project, ...addRobot(harbor, name, rights) }
}

export function addRobot({ state }: FakeHarbor, project: string, rights: readonly string[]): Account {
  const access = rights.map((right) => ({ resource: right.split(':')[0] ?? '', action: right.split(':')[1] ?? '' }))
  const permissions: readonly Permission[] = [{ kind: 'project', namespace: project, access }]
  const created = timeOf(state)
  const robot = {
    ...{ id: 900 + state.robots.length, short: `ci${state.robots.length}`, level: 'project', created, updated: created, creator: 1 },
    ...{ creatorType: 'local', description: undefined, disabled: false, duration: -1, expires: -1, secret: 'Robot-Secret1', permissions },
  }
  state.robots.push(robot)
  return { username: robotName(state, robot), password: robot.secret }
}

/** Pushes an image of one layer; gives its digest. */
export async function pushImage(
  harbor: FakeHarbor,
  repository: string,
  { tag, seed = 'image' }: { tag?: string; seed?: string } = {},
): Promise<`sha256:${string}`> {
  const config = await blob(harbor, repository, JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, seed }))
  const layer = await blob(harbor, repository, `layer of ${seed}`)
  const manifest = {
    ...{ schemaVersion: 2, mediaType: manifestType, config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config } },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
  }
  return put(harbor, repository, { manifest, type: manifestType, tag })
}

export interface Child {
  readonly digest: string
  readonly os: string
  readonly architecture: string
}

export async function pushIndex(
  harbor: FakeHarbor,
  repository: string,
  { children, tag }: { children: readonly Child[]; tag?: string },
): Promise<`sha256:${string}`> {
  const manifests = children.map(({ digest, os, architecture }) => ({
    mediaType: manifestType,
    digest,
    size: 400,
    platform: { os, architecture },
  }))
  return put(harbor, repository, { manifest: { schemaVersion: 2, mediaType: indexType, manifests }, type: indexType, tag })
}

/** Pushes something that refers to an image; gives its digest. */
export async function pushReferrer(
  harbor: FakeHarbor,
  repository: string,
  { subject, artifactType }: { subject: string; artifactType: string },
): Promise<`sha256:${string}`> {
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await blob(harbor, repository, '{}')) }
  const of = { mediaType: manifestType, digest: subject, size: 400 }
  const manifest = { schemaVersion: 2, mediaType: manifestType, artifactType, config: empty, layers: [empty], subject: of }
  return put(harbor, repository, { manifest, type: manifestType, tag: undefined })
}

async function put(
  harbor: FakeHarbor,
  repository: string,
  { manifest, type, tag }: { manifest: object; type: string; tag: string | undefined },
): Promise<`sha256:${string}`> {
  const body = JSON.stringify(manifest)
  const digest: `sha256:${string}` = `sha256:${sha256(body).slice('sha256:'.length)}`
  for (const reference of [digest, ...(tag === undefined ? [] : [tag])])
    await send(harbor, 'PUT', `/v2/${repository}/manifests/${reference}`, { body, type })
  return digest
}

async function blob(harbor: FakeHarbor, repository: string, content: string): Promise<{ digest: string; size: number }> {
  const digest = sha256(content)
  const begun = await send(harbor, 'POST', `/v2/${repository}/blobs/uploads/`)
  await send(harbor, 'PUT', `${begun.headers.get('location')}&digest=${digest}`, { body: content, type: 'application/octet-stream' })
  return { digest, size: Buffer.byteLength(content) }
}

async function send(harbor: FakeHarbor, method: string, path: string, init: { body?: string; type?: string } = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from('admin:admin-Passw0rd').toString('base64')}`
  const headers = { authorization, ...(init.type === undefined ? {} : { 'content-type': init.type }) }
  const answer = await fetch(new URL(path, harbor.url), { method, headers, ...(init.body === undefined ? {} : { body: init.body }) })
  if (answer.status >= 400) throw new Error(`${method} ${path} was answered by ${answer.status}: ${await answer.text()}`)
  return answer
}
