import { type IncomingMessage, type Listening, listen } from '../../src/io/server.ts'

export interface StoredSecret {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly labels?: Readonly<Record<string, string>> }
  readonly type: string
  readonly immutable?: boolean
  readonly data: Readonly<Record<string, string>>
}

export interface FakeKubernetes extends Listening {
  /** By `namespace/name`. */
  readonly secrets: Map<string, StoredSecret>
  readonly asked: string[]
  /** Called after each reading and change of a secret, before it is answered: another writer. */
  meanwhile: (method: string, key: string) => void
  /** What the account may do. */
  may: (method: string) => boolean
  /** Writes as another client would. */
  write(key: string, data: Readonly<Record<string, string>>, type?: string): void
}

interface Asked {
  readonly path: string
  readonly text: string
  /** Whether nothing is to be kept of it. */
  readonly isDry: boolean
}

const base = /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/

/** The API of secrets of Kubernetes: a version with each, and 409 to whoever writes onto another than there is. */
export async function fakeKubernetes(token: string, namespaces: readonly string[]): Promise<FakeKubernetes> {
  const secrets = new Map<string, StoredSecret>()
  const asked: string[] = []
  let version = 1
  const fake: FakeKubernetes = {
    ...(await listen(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake')
      const isDry = searchParams.get('dryRun') === 'All'
      asked.push(`${request.method} ${pathname}${isDry ? ' dry' : ''}`)
      const { status, body } = answer(request, { path: pathname, text: await textOf(request), isDry })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })),
    ...{ secrets, asked, meanwhile: () => undefined, may: () => true, write },
  }
  return fake

  function write(key: string, data: Readonly<Record<string, string>>, type = 'Opaque'): void {
    version += 1
    secrets.set(key, { metadata: { name: key.split('/')[1] ?? '', resourceVersion: String(version) }, type, data })
  }

  function answer({ method = '', headers }: IncomingMessage, { path, text, isDry }: Asked): { status: number; body: unknown } {
    if (headers.authorization !== `Bearer ${token}`) return refusal(401, 'Unauthorized')
    const [, namespace = '', name = ''] = base.exec(path) ?? []
    if (!namespaces.includes(namespace)) return refusal(404, `namespaces "${namespace}" not found`)
    if (!fake.may(method)) return refusal(403, `secrets is forbidden: cannot ${method} resource "secrets"`)
    if (method === 'POST') return create(namespace, JSON.parse(text), isDry)
    const key = `${namespace}/${name}`
    const found = secrets.get(key)
    if (found === undefined) return refusal(404, `secrets "${name}" not found`)
    if (method === 'GET') return answered(method, key)
    if (headers['content-type'] !== 'application/merge-patch+json') return refusal(415, 'the body of the request was in an unknown format')
    const { metadata, data } = JSON.parse(text)
    if (metadata.resourceVersion !== found.metadata.resourceVersion)
      return refusal(409, `Operation cannot be fulfilled on secrets "${name}": the object has been modified`)
    if (found.immutable === true)
      return refusal(422, `Secret "${name}" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`)
    if (isDry) return { status: 200, body: found }
    write(key, { ...found.data, ...data }, found.type)
    return answered('PATCH', key)
  }

  function answered(method: string, key: string): { status: number; body: unknown } {
    const body = secrets.get(key)
    fake.meanwhile(method, key)
    return { status: 200, body }
  }

  function create(namespace: string, { metadata, type, data }: StoredSecret, isDry: boolean): { status: number; body: unknown } {
    const key = `${namespace}/${metadata.name}`
    if (secrets.has(key)) return refusal(409, `secrets "${metadata.name}" already exists`)
    if (type === 'kubernetes.io/dockerconfigjson' && data['.dockerconfigjson'] === undefined)
      return refusal(422, `Secret "${metadata.name}" is invalid: data[.dockerconfigjson]: Required value`)
    if (isDry) return { status: 201, body: { metadata, type, data } }
    write(key, data, type)
    return { status: 201, body: secrets.get(key) }
  }
}

function refusal(code: number, message: string): { status: number; body: unknown } {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code } }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += piece
  return text
}
