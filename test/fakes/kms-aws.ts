import { derOfRaw } from '../../src/domain/sigstore/kms/ecdsa-signature.ts'
import { type FakeAwsOptions, signatureFault } from './aws.ts'
import type { CloudAnswer, CloudRequest, CloudService } from './cloud.ts'
import { flipped, type Pair, signDigest } from './kms-keys.ts'

export interface FakeAwsKey {
  readonly arn: string
  readonly aliases: readonly string[]
  readonly spec: string
  readonly usage?: string
  readonly algorithms: readonly string[]
  readonly pair: Pair
}

export interface FakeAwsKmsOptions extends Pick<FakeAwsOptions, 'now' | 'users'> {
  readonly region: string
  /** Default: AWS's own in the region. */
  readonly host?: string
  keys: readonly FakeAwsKey[]
}

export interface FakeAwsKms {
  readonly service: CloudService
  /** Actions that were asked for, in their order. */
  readonly actions: readonly string[]
  fault: 'tampered' | 'disabled' | 'denied' | undefined
  /** How many requests from now on are told that there are too many. */
  throttle: number
}

const hashes: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' }

/** AWS KMS as strict as AWS: signed requests, digests of the algorithm's length, errors by name with status 400. */
export function fakeAwsKms(options: FakeAwsKmsOptions): FakeAwsKms {
  const actions: string[] = []
  const fake: FakeAwsKms = { service, actions, fault: undefined, throttle: 0 }
  return fake

  function service(request: CloudRequest): CloudAnswer | undefined {
    if (request.url.host !== (options.host ?? `kms.${options.region}.amazonaws.com`)) return undefined
    const [, action = ''] = /^TrentService\.(\w+)$/.exec(request.headers['x-amz-target'] ?? '') ?? []
    actions.push(action)
    if (fake.throttle > 0) {
      fake.throttle -= 1
      return refused('ThrottlingException', 'You have exceeded the rate at which you may call KMS.')
    }
    const bad = signatureFault(request, { ...options, service: 'kms' })
    if (bad !== undefined) return refused('InvalidSignatureException', bad)
    const fields = JSON.parse(request.body) as Record<string, string>
    const key = options.keys.find(({ arn, aliases }) => [arn, arn.split('/').at(-1), ...aliases].includes(fields['KeyId'] ?? ''))
    if (key === undefined) return refused('NotFoundException', `Alias or key ${fields['KeyId']} is not found.`)
    if (fake.fault === 'denied')
      return refused('AccessDeniedException', `User: arn:aws:sts::111122223333:assumed-role/ci is not authorized to perform: kms:${action}`)
    if (fake.fault === 'disabled') return refused('DisabledException', `${key.arn} is disabled.`)
    if (action === 'GetPublicKey') return publicKey(key)
    if (action === 'DescribeKey')
      return {
        status: 200,
        body: {
          KeyMetadata: { KeyId: key.arn.split('/').at(-1), Arn: key.arn, SigningAlgorithms: key.algorithms, KeyUsage: 'SIGN_VERIFY' },
        },
      }
    return action === 'Sign' ? sign(key, fields) : refused('UnknownOperationException', '')
  }

  function publicKey({ arn, pair, spec, usage = 'SIGN_VERIFY', algorithms }: FakeAwsKey): CloudAnswer {
    if (spec === 'SYMMETRIC_DEFAULT') return refused('UnsupportedOperationException', `${arn} is not an asymmetric key.`)
    const PublicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const more = usage === 'SIGN_VERIFY' ? { SigningAlgorithms: algorithms } : { EncryptionAlgorithms: algorithms }
    return { status: 200, body: { KeyId: arn, PublicKey, KeySpec: spec, CustomerMasterKeySpec: spec, KeyUsage: usage, ...more } }
  }

  function sign({ arn, pair, algorithms }: FakeAwsKey, fields: Record<string, string>): CloudAnswer {
    const { Message = '', MessageType, SigningAlgorithm = '' } = fields
    const digest = Buffer.from(Message, 'base64')
    const hash = hashes[SigningAlgorithm.slice(-3)] ?? ''
    if (!algorithms.includes(SigningAlgorithm)) return refused('InvalidKeyUsageException', `Algorithm ${SigningAlgorithm} is incompatible.`)
    if (MessageType !== 'DIGEST' || digest.length * 8 !== Number(SigningAlgorithm.slice(-3)))
      return refused('ValidationException', `Digest is invalid length for algorithm ${SigningAlgorithm}.`)
    const raw = signDigest(pair, hash, digest)
    const signature = pair.privateKey.asymmetricKeyType === 'ec' ? derOfRaw(raw) : raw
    const Signature = (fake.fault === 'tampered' ? flipped(signature) : signature).toString('base64')
    return { status: 200, body: { KeyId: arn, Signature, SigningAlgorithm } }
  }
}

function refused(__type: string, message: string): CloudAnswer {
  return { status: 400, body: { __type, message } }
}
