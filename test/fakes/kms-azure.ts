import type { CloudAnswer, CloudRequest, CloudService } from './cloud.ts'
import { flipped, identifierOf, type Pair, signDigest } from './kms-keys.ts'

export interface FakeAzureKey {
  /** The newest last. */
  versions: readonly Pair[]
  /** Whether its type says that it is in a module. */
  readonly hsm?: boolean
  readonly operations?: readonly string[]
  readonly attributes?: { readonly enabled?: boolean; readonly nbf?: number; readonly exp?: number }
}

export interface FakeAzureKeyVaultOptions {
  readonly host: string
  readonly keys: Readonly<Record<string, FakeAzureKey>>
  /** The token of Microsoft Entra that may use them. */
  readonly token: string
}

export interface FakeAzureKeyVault {
  readonly service: CloudService
  fault: 'tampered' | 'denied' | 'disabled' | 'other key' | undefined
}

const algorithms: Readonly<Record<string, { readonly hash: string; readonly curve: string | undefined }>> = {
  ES256: { hash: 'sha256', curve: 'P-256' },
  ES384: { hash: 'sha384', curve: 'P-384' },
  ES512: { hash: 'sha512', curve: 'P-521' },
  RS256: { hash: 'sha256', curve: undefined },
}

/** Azure Key Vault: keys as JSON Web Keys, signatures of curves as r and s in a row. */
export function fakeAzureKeyVault({ host, keys, token }: FakeAzureKeyVaultOptions): FakeAzureKeyVault {
  const fake: FakeAzureKeyVault = { service, fault: undefined }
  return fake

  function service(request: CloudRequest): CloudAnswer | undefined {
    const { url, method, headers } = request
    if (url.host !== host) return undefined
    if (headers['authorization'] !== `Bearer ${token}`)
      return refused(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.')
    if (url.searchParams.get('api-version') !== '7.4') return refused(400, 'BadParameter', 'api-version')
    const [, name = '', version = '', isSign] = /^\/keys\/([\w-]+)\/([0-9a-f]*)(\/sign)?$/.exec(url.pathname) ?? []
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined
    const pair = key?.versions.findLast((one) => version === '' || identifierOf(one) === version)
    if (key === undefined || pair === undefined)
      return refused(404, 'KeyNotFound', `A key with (name/id) ${name}/${version} was not found in this key vault.`)
    if (fake.fault === 'denied')
      return refused(
        403,
        'Forbidden',
        "Caller is not authorized to perform action on resource. Action: 'Microsoft.KeyVault/vaults/keys/sign/action'",
        'ForbiddenByRbac',
      )
    const kid = `https://${host}/keys/${fake.fault === 'other key' ? 'another' : name}/${identifierOf(pair)}`
    if (isSign === undefined) return method === 'GET' ? read(kid, key, pair) : refused(405, 'MethodNotAllowed', '')
    if (fake.fault === 'disabled') return refused(403, 'Forbidden', 'Operation sign is not allowed on a disabled key.', 'KeyDisabled')
    return sign(kid, pair, JSON.parse(request.body) as { alg: string; value: string })
  }

  function sign(kid: string, pair: Pair, { alg, value }: { readonly alg: string; readonly value: string }): CloudAnswer {
    const { crv } = pair.publicKey.export({ format: 'jwk' })
    const algorithm = algorithms[alg]
    if (algorithm === undefined || algorithm.curve !== crv)
      return refused(400, 'BadParameter', `Key and signing algorithm are incompatible: ${alg}.`)
    const raw = signDigest(pair, algorithm.hash, Buffer.from(value, 'base64url'))
    return { status: 200, body: { kid, value: (fake.fault === 'tampered' ? flipped(raw) : raw).toString('base64url') } }
  }
}

function read(
  kid: string,
  { hsm = false, operations = ['sign', 'verify'], attributes = { enabled: true } }: FakeAzureKey,
  pair: Pair,
): CloudAnswer {
  const { kty, ...jwk } = pair.publicKey.export({ format: 'jwk' })
  return { status: 200, body: { key: { kid, kty: hsm ? `${kty}-HSM` : kty, key_ops: operations, ...jwk }, attributes } }
}

function refused(status: number, code: string, message: string, inner?: string): CloudAnswer {
  return { status, body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } } }
}
