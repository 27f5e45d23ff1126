import { crc32c } from '../../src/domain/sigstore/kms/crc32c.ts'
import { derOfRaw } from '../../src/domain/sigstore/kms/ecdsa-signature.ts'
import type { CloudAnswer, CloudRequest, CloudService } from './cloud.ts'
import { flipped, type Pair, pemOf, signData, signDigest } from './kms-keys.ts'

export interface FakeGcpVersion {
  readonly algorithm: string
  readonly pair: Pair
  state?: string
}

export interface FakeGcpKmsOptions {
  /** Versions by their number, by the name of the key. */
  readonly keys: Readonly<Record<string, Readonly<Record<string, FakeGcpVersion>>>>
  /** Access tokens that may use them. */
  readonly tokens: readonly string[]
}

export interface FakeGcpKms {
  readonly service: CloudService
  fault: 'tampered' | 'corrupted' | 'request corrupted' | 'denied' | 'other key' | undefined
}

const digestOf: Readonly<Record<string, string>> = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' }

/** Cloud KMS: resource names, checksums both ways, states of versions. Lists have pages of two. */
export function fakeGcpKms(options: FakeGcpKmsOptions): FakeGcpKms {
  const fake: FakeGcpKms = { service, fault: undefined }
  return fake

  function service(request: CloudRequest): CloudAnswer | undefined {
    const { url, method, headers } = request
    if (url.origin !== 'https://cloudkms.googleapis.com') return undefined
    if (!options.tokens.some((token) => headers['authorization'] === `Bearer ${token}`))
      return refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    const [, key = '', rest = ''] =
      /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/:]+)(.*)$/.exec(url.pathname) ?? []
    const versions = Object.hasOwn(options.keys, key) ? options.keys[key] : undefined
    if (versions === undefined) return refused(404, 'NOT_FOUND', `CryptoKey ${key} not found.`)
    if (rest === '/cryptoKeyVersions' && method === 'GET') return list(key, versions, url)
    const [, number = '', what = ''] = /^\/cryptoKeyVersions\/(\d+)(\/publicKey|:asymmetricSign)$/.exec(rest) ?? []
    const version = Object.hasOwn(versions, number) ? versions[number] : undefined
    const name = `${key}/cryptoKeyVersions/${number}`
    if (version === undefined) return refused(404, 'NOT_FOUND', `CryptoKeyVersion ${name} not found.`)
    if (fake.fault === 'denied')
      return refused(
        403,
        'PERMISSION_DENIED',
        `Permission 'cloudkms.cryptoKeyVersions.useToSign' denied on resource '${name}' (or it may not exist).`,
      )
    const { state = 'ENABLED' } = version
    if (state !== 'ENABLED') return refused(400, 'FAILED_PRECONDITION', `${name} is not enabled, current state is: ${state}.`)
    return what === ':asymmetricSign' ? sign(name, version, JSON.parse(request.body) as Body) : publicKey(name, version)
  }

  function publicKey(name: string, { pair, algorithm }: FakeGcpVersion): CloudAnswer {
    const pem = pemOf(pair)
    const pemCrc32c = String(crc32c(Buffer.from(fake.fault === 'corrupted' ? `${pem}x` : pem)))
    return {
      status: 200,
      body: { pem, algorithm, pemCrc32c, name: fake.fault === 'other key' ? `${name}0` : name, protectionLevel: 'HSM' },
    }
  }

  interface Body {
    readonly digest?: Readonly<Record<string, string>>
    readonly digestCrc32c?: string
    readonly data?: string
    readonly dataCrc32c?: string
  }

  function sign(name: string, { pair, algorithm }: FakeGcpVersion, { digest, digestCrc32c, data, dataCrc32c }: Body): CloudAnswer {
    const hash = digestOf[algorithm.split('_').at(-1) ?? '']
    const text = hash === undefined ? data : digest?.[hash]
    if (text === undefined) return refused(400, 'INVALID_ARGUMENT', `Digest is not of ${algorithm}.`)
    const bytes = Buffer.from(text, 'base64')
    if (String(crc32c(bytes)) !== (hash === undefined ? dataCrc32c : digestCrc32c))
      return refused(400, 'INVALID_ARGUMENT', 'The checksum did not match.')
    const raw = hash === undefined ? signData(pair, bytes) : signDigest(pair, hash, bytes)
    const right = pair.privateKey.asymmetricKeyType === 'ec' ? derOfRaw(raw) : raw
    const signature = fake.fault === 'tampered' ? flipped(right) : right
    const isVerified = fake.fault !== 'request corrupted'
    const flags = hash === undefined ? { verifiedDataCrc32c: isVerified } : { verifiedDigestCrc32c: isVerified }
    return {
      status: 200,
      body: { name, signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)), ...flags, protectionLevel: 'HSM' },
    }
  }
}

/** In the order of the texts: 10 comes before 9. */
function list(key: string, versions: Readonly<Record<string, FakeGcpVersion>>, url: URL): CloudAnswer {
  if (url.searchParams.get('filter') !== 'state=ENABLED') return refused(400, 'INVALID_ARGUMENT', 'This fake has one filter.')
  const enabled = Object.entries(versions).flatMap(([number, { state = 'ENABLED' }]) => (state === 'ENABLED' ? [number] : []))
  const start = Number(url.searchParams.get('pageToken') ?? 0)
  const cryptoKeyVersions = enabled
    .sort()
    .slice(start, start + 2)
    .map((number) => ({ name: `${key}/cryptoKeyVersions/${number}`, state: 'ENABLED' }))
  const isMore = start + 2 < enabled.length
  return {
    status: 200,
    body: { ...(cryptoKeyVersions.length === 0 ? {} : { cryptoKeyVersions }), ...(isMore ? { nextPageToken: String(start + 2) } : {}) },
  }
}

function refused(code: number, status: string, message: string): CloudAnswer {
  return { status: code, body: { error: { code, status, message } } }
}
