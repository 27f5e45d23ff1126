import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { type IncomingMessage, type Listening, listen, type ServerResponse } from '../../src/io/server.ts'

export interface FakeGithubSecrets extends Listening {
  /** What jobs would see, by the path of the secret below the API: `/repos/acme/app/actions/secrets/TOKEN`. */
  readonly values: Map<string, string>
  /** What came with them. */
  readonly sent: Map<string, Readonly<Record<string, unknown>>>
  /** `METHOD path` */
  readonly asked: string[]
  /** Answers the next request that matches in GitHub's place. */
  instead(on: RegExp, reply: { readonly status: number; readonly body: unknown }): void
}

const place = /^(?:\/repos\/[^/]+\/[^/]+\/actions|\/repos\/[^/]+\/[^/]+\/environments\/[^/]+|\/orgs\/[^/]+\/actions)\/secrets$/

/** GitHub's API of secrets (docs.github.com/rest/actions/secrets), which opens what is sealed for it, and so far only shows when it changed. */
export async function fakeGithubSecrets(token: string): Promise<FakeGithubSecrets> {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const [values, sent, asked] = [new Map<string, string>(), new Map<string, Record<string, unknown>>(), [] as string[]]
  const updated = new Map<string, number>()
  const start = Date.now()
  let writes = 1
  const faults: { on: RegExp; reply: { status: number; body: unknown } }[] = []
  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://fake')
    const line = `${request.method} ${pathname}`
    asked.push(line)
    const fault = faults.findIndex(({ on }) => on.test(line))
    const { status, body } =
      fault === -1 ? answer(request, { pathname, text: await textOf(request) }) : (faults.splice(fault, 1)[0]?.reply ?? lost)
    reply(response, status, body)
  })
  return { ...server, values, sent, asked, instead: (on, given) => void faults.push({ on, reply: given }) }

  function answer(
    { method, headers }: IncomingMessage,
    { pathname, text }: { pathname: string; text: string },
  ): { status: number; body: unknown } {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } }
    if (/^\/orgs\/[^/]+\/actions\/secrets\/\w+\/repositories$/.test(pathname))
      return { status: 200, body: { total_count: 2, repositories: [{ id: 11 }, { id: 12 }] } }
    const [, all = '', name = ''] = /^(.*)\/([^/]+)$/.exec(pathname) ?? []
    if (!place.test(all)) return lost
    if (name === 'public-key') return { status: 200, body: { key_id: 'key-1', key: rawOf(publicKey).toString('base64') } }
    if (method === 'GET') {
      const time = updated.get(pathname)
      if (time === undefined) return lost
      const written = new Date(time).toISOString().replace(/\.\d+/, '')
      return { status: 200, body: { name, created_at: written, updated_at: written, ...visibilityIn(sent.get(pathname)) } }
    }
    return put(pathname, JSON.parse(text))
  }

  function put(pathname: string, body: Record<string, unknown>): { status: number; body: unknown } {
    if (body['key_id'] !== 'key-1') return { status: 422, body: { message: 'Invalid request.\n\nkey_id is not known.' } }
    const isNew = !values.has(pathname)
    values.set(pathname, openBox(Buffer.from(String(body['encrypted_value']), 'base64'), privateKey).toString('utf8'))
    sent.set(pathname, body)
    // A second write comes in the second of the first, a third in the next: clients of a fake clock do not wait.
    writes += 1
    updated.set(pathname, start + Math.floor(writes / 2) * 1000)
    return { status: isNew ? 201 : 204, body: isNew ? {} : undefined }
  }
}

const lost = { status: 404, body: { message: 'Not Found' } }

function visibilityIn(body: Readonly<Record<string, unknown>> = {}): object {
  return body['visibility'] === undefined ? {} : { visibility: body['visibility'] }
}

/** Opens a sealed box: what is agreed on comes from OpenSSL here. */
export function openBox(sealed: Buffer, key: KeyObject): Buffer {
  const other = sealed.subarray(0, 32)
  const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: other.toString('base64url') }, format: 'jwk' })
  const shared = diffieHellman({ privateKey: key, publicKey: theirs })
  const nonce = blake2b(Buffer.concat([other, rawOf(createPublicKey(key))]), { dkLen: 24 })
  const sub = new Uint32Array(8)
  const words = new Uint32Array(Uint8Array.from(shared).buffer)
  hsalsa(new Uint32Array(Uint8Array.from(Buffer.from('expand 32-byte k')).buffer), words, new Uint32Array(4), sub)
  return Buffer.from(xsalsa20poly1305(new Uint8Array(sub.buffer), nonce).decrypt(sealed.subarray(32)))
}

/** An X25519 key from its 32 bytes. */
export function secretKey(bytes: Buffer): KeyObject {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, bytes]), format: 'der', type: 'pkcs8' })
}

export function rawOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += piece
  return text
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
