import { derOfRaw } from '../../src/domain/sigstore/kms/ecdsa-signature.ts'
import type { CloudAnswer, CloudRequest, CloudService } from './cloud.ts'
import { flipped, type Pair, pemOf, signData, signDigest } from './kms-keys.ts'

export interface FakeVaultKey {
  /** As transit names it: `ecdsa-p256`. */
  readonly type: string
  /** The versions from 1 on; none for a cipher. */
  versions: readonly Pair[]
  readonly derived?: boolean
}

export interface FakeVaultOptions {
  readonly keys: Readonly<Record<string, FakeVaultKey>>
  /** Tokens that may do everything on the mount. */
  readonly tokens: readonly string[]
  readonly namespace?: string
  readonly mount?: string
  /** A role at a path of the JWT auth method, the token it takes, and the one it gives. */
  readonly role?: { readonly path: string; readonly name: string; readonly jwt: string; readonly gives: string }
}

export interface FakeVault {
  readonly service: CloudService
  /** Of every request that came, whatever its answer. */
  readonly tokens: readonly (string | undefined)[]
  /** Those that their holders have ended. */
  readonly revoked: readonly string[]
  /** What the answers are to be instead of right. */
  fault: 'tampered' | 'other version' | 'sealed' | 'standby' | 'page' | undefined
  /** Whether tokens may not sign. */
  readOnly: boolean
}

const digests: Readonly<Record<string, string>> = { 'sha2-256': 'sha256', 'sha2-384': 'sha384', 'sha2-512': 'sha512' }

/** The transit engine and the JWT auth method of a Vault at an origin, in the words of the real one (measured on transit of Vault 1.21). */
export function fakeVault(origin: string | undefined, options: FakeVaultOptions): FakeVault {
  const { mount = 'transit' } = options
  const seen: (string | undefined)[] = []
  const revoked: string[] = []
  const fake: FakeVault = { service, tokens: seen, revoked, fault: undefined, readOnly: false }
  return fake

  function service(request: CloudRequest): CloudAnswer | undefined {
    if (origin !== undefined && request.url.origin !== origin) return undefined
    const { pathname } = request.url
    if (fake.fault === 'sealed') return refused(503, 'Vault is sealed')
    if (fake.fault === 'standby') return { status: 307, body: '', location: `https://active.example${pathname}` }
    if (fake.fault === 'page') return { status: 200, body: '<html>Sign in</html>' }
    if (options.namespace !== request.headers['x-vault-namespace']) return refused(404, `no handler for route "${pathname}"`)
    if (request.headers['x-vault-request'] !== 'true' && origin !== undefined) return refused(412, 'missing X-Vault-Request')
    if (pathname === `/v1/auth/${options.role?.path}/login`) return login(request)
    const token = request.headers['x-vault-token']
    seen.push(token)
    if (token === undefined || revoked.includes(token) || !options.tokens.includes(token)) return refused(403, 'permission denied')
    if (pathname === '/v1/auth/token/revoke-self' && request.method === 'POST') {
      revoked.push(token)
      return { status: 204, body: '' }
    }
    const [, what = '', name = '', hash] = new RegExp(`^/v1/${mount}/(keys|sign|verify)/([\\w.-]+)(?:/([\\w-]+))?$`).exec(pathname) ?? []
    const key = Object.hasOwn(options.keys, name) ? options.keys[name] : undefined
    if (what === '') return refused(404, `no handler for route "${pathname}"`)
    if (what === 'keys' && request.method === 'GET') return key === undefined ? { status: 404, body: { errors: [] } } : read(key, name)
    if (what !== 'sign') return refused(405, 'unsupported operation')
    if (fake.readOnly) return refused(403, '1 error occurred:\n\t* permission denied\n\n')
    return key === undefined ? refused(400, 'signing key not found') : sign(key, JSON.parse(request.body) as Body, hash)
  }

  function login({ method, body }: CloudRequest): CloudAnswer {
    const { role, jwt } = JSON.parse(body) as { role?: unknown; jwt?: unknown }
    const isHis = method === 'POST' && role === options.role?.name && jwt === options.role?.jwt
    return isHis
      ? { status: 200, body: { auth: { client_token: options.role?.gives, lease_duration: 3600 } } }
      : refused(400, 'error validating token: invalid audience (aud) claim')
  }

  interface Body {
    readonly input: string
    readonly prehashed?: boolean
    readonly key_version?: number | string
    readonly signature_algorithm?: string
    readonly marshaling_algorithm?: string
  }

  function sign(key: FakeVaultKey, body: Body, hash = 'sha2-256'): CloudAnswer {
    const latest = key.versions.length
    const version = Number(body.key_version ?? 0) === 0 ? latest : Number(body.key_version)
    const pair = key.versions[version - 1]
    if (pair === undefined) return refused(500, 'requested version for signing is higher than the latest key version')
    const input = Buffer.from(body.input, 'base64')
    const name = digests[hash]
    if (key.type === 'ed25519') return signed(version, signData(pair, input))
    if (name === undefined || body.prehashed !== true) return refused(400, `invalid hash algorithm ${hash}`)
    if (key.type.startsWith('rsa-') && body.signature_algorithm !== 'pkcs1v15') return refused(400, 'this fake has no RSA-PSS')
    const raw = signDigest(pair, name, input)
    return signed(version, key.type.startsWith('ecdsa-') ? derOfRaw(raw) : raw)
  }

  function signed(version: number, signature: Buffer): CloudAnswer {
    const told = fake.fault === 'other version' ? version + 1 : version
    const bytes = fake.fault === 'tampered' ? flipped(signature) : signature
    return { status: 200, body: { data: { signature: `vault:v${told}:${bytes.toString('base64')}`, key_version: told } } }
  }
}

function read({ type, versions, derived = false }: FakeVaultKey, name: string): CloudAnswer {
  const half = (pair: Pair): string => {
    if (type !== 'ed25519') return pemOf(pair)
    return Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
  }
  const isCipher = versions.length === 0
  const entries = isCipher
    ? [['1', 1_795_305_473]]
    : versions.map((pair, at) => [String(at + 1), { name, public_key: half(pair), certificate_chain: '' }])
  return {
    status: 200,
    body: { data: { type, name, derived, keys: Object.fromEntries(entries), latest_version: Math.max(1, versions.length) } },
  }
}

function refused(status: number, error: string): CloudAnswer {
  return { status, body: { errors: [error] } }
}
