import type * as v from 'valibot'
import { awsKeys } from '../../cloud/aws/keys.ts'
import { type AwsKeys, signed } from '../../cloud/aws/sigv4.ts'
import type { ServiceReference } from '../keys/service-reference.ts'
import { answeredKey } from './answered-key.ts'
import { askKeyService, type KmsAnswer, readAnswer, refusalOf, saying, unavailable } from './ask.ts'
import { type AwsEndpoint, awsEndpoint } from './aws-endpoint.ts'
import { kmsAnswerInvalid, kmsDenied, kmsKeyDisabled, kmsKeyMissing, kmsKeyUnsuitable, kmsUnset } from './errors.ts'
import { type KmsPorts, keptCredential } from './ports.ts'
import { AwsPublicKey, AwsRefusal, AwsSignature } from './schema.ts'
import type { Hash, ServiceKey } from './service-key.ts'

type AwsReference = Extract<ServiceReference, { service: 'awskms' }>

/** What is asked of AWS KMS (API reference, 2014-11-01). */
type Call = <T extends v.GenericSchema>(action: 'GetPublicKey' | 'Sign', fields: object, schema: T) => Promise<v.InferOutput<T>>

/** Algorithms that sigstore’s verifiers take with a public key alone; RSA-PSS is not among them. */
const algorithms = [
  { name: 'ECDSA_SHA_256', hash: 'sha256' },
  { name: 'ECDSA_SHA_384', hash: 'sha384' },
  { name: 'ECDSA_SHA_512', hash: 'sha512' },
  { name: 'RSASSA_PKCS1_V1_5_SHA_256', hash: 'sha256' },
  { name: 'RSASSA_PKCS1_V1_5_SHA_384', hash: 'sha384' },
  { name: 'RSASSA_PKCS1_V1_5_SHA_512', hash: 'sha512' },
] as const satisfies readonly { name: string; hash: Hash }[]

/** A key of AWS KMS; asymmetric keys have no versions there. Throws SW-KMS-…, SW-CREDENTIAL-KEYLESS. */
export async function awsKey(reference: AwsReference, ports: KmsPorts): Promise<ServiceKey> {
  const endpoint = awsEndpoint(reference, ports.environment)
  const call = caller(reference, endpoint, ports)
  const found = await call('GetPublicKey', { KeyId: reference.key }, AwsPublicKey)
  const usable = algorithms.filter(({ name }) => found.SigningAlgorithms.includes(name))
  if (found.KeyUsage !== 'SIGN_VERIFY' || usable.length === 0) {
    throw kmsKeyUnsuitable(`The key ${found.KeyId} is ${found.KeySpec} for ${found.KeyUsage}, expected ECC_NIST_P256 for SIGN_VERIFY.`)
  }
  const where = `awskms://${reference.host ?? ''}/${found.KeyId}`
  return {
    reference: where,
    publicKey: answeredKey({ key: found.PublicKey, format: 'der', type: 'spki' }, where),
    hashes: usable.map(({ hash }) => hash),
    async sign({ hash, bytes }) {
      const SigningAlgorithm = usable.find((one) => one.hash === hash)?.name
      const fields = { KeyId: reference.key, Message: bytes.toString('base64'), MessageType: 'DIGEST', SigningAlgorithm }
      const { KeyId, Signature } = await call('Sign', fields, AwsSignature)
      if (KeyId === found.KeyId) return Signature
      throw kmsAnswerInvalid(`${reference.key} was ${found.KeyId} when its public key was read, and ${KeyId} signed.`, { retryable: true })
    },
  }
}

/** Milliseconds between attempts where AWS limits the rate, which it says with a 400. */
const pauses = [500, 1000, 2000, 4000, 8000, 16_000] as const

function caller(reference: AwsReference, { url, region, tokens }: AwsEndpoint, ports: KmsPorts): Call {
  const keys = keptCredential(() => awsKeys(tokens, ports), ports)
  const attempt = async (action: string, body: string): Promise<KmsAnswer> => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` }
    const scope = { region, service: 'kms', now: ports.clock.now() }
    const signedHeaders = signed({ method: 'POST', url, headers, body }, known(await keys()), scope)
    return askKeyService({ service: 'AWS KMS', method: 'POST', url, headers: signedHeaders, body }, ports)
  }
  return async (action, fields, schema) => {
    const end = ports.clock.now() + ports.patience
    for (const pause of [...pauses, undefined]) {
      const answer = await attempt(action, JSON.stringify(fields))
      if (answer.status === 200) return readAnswer(answer, schema)
      const { code, words } = refusal(answer)
      if (!/^(?:Throttling|LimitExceeded|RequestLimit|TooManyRequests|DependencyTimeout)/.test(code))
        throw refused(answer, { code, words, action, key: reference.key })
      if (pause === undefined || ports.clock.now() + pause > end) throw unavailable(`${saying(answer, words)}.`)
      await ports.clock.sleep(pause)
    }
    throw new Error('the last attempt has no pause after it')
  }
}

function known(keys: AwsKeys | undefined): AwsKeys {
  if (keys !== undefined) return keys
  throw kmsUnset('Nothing identifies this run to AWS: no keys, no role, no container and no instance role.', {
    hint: 'Set AWS_ROLE_ARN (on GitHub with permissions: id-token: write), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    safe: 'nothing was sent',
  })
}

function refusal(answer: KmsAnswer): { readonly code: string; readonly words: readonly (string | undefined)[] } {
  const { __type = '', message, Message } = refusalOf(answer, AwsRefusal)
  // Some answers have a namespace before the name.
  const code = __type.split('#').at(-1) ?? ''
  return { code, words: [code, message ?? Message] }
}

interface Refusal extends ReturnType<typeof refusal> {
  readonly action: string
  readonly key: string
}

function refused(answer: KmsAnswer, { code, words, action, key }: Refusal): Error {
  const told = `${saying(answer, words)}, to ${action} of ${key}.`
  if (code === 'NotFoundException' || code === 'InvalidArnException') return kmsKeyMissing(told, { hint: 'aws kms list-aliases' })
  if (code === 'DisabledException' || code === 'KMSInvalidStateException')
    return kmsKeyDisabled(told, { hint: `aws kms enable-key --key-id ${key}` })
  if (code === 'InvalidKeyUsageException' || code === 'UnsupportedOperationException') return kmsKeyUnsuitable(told)
  const isDenied =
    [401, 403].includes(answer.status) ||
    /AccessDenied|UnrecognizedClient|InvalidSignature|Token|IncompleteSignature|OptInRequired/.test(code)
  if (isDenied) return kmsDenied(told, { hint: `Give the role kms:${action} on the key, in its policy or in the key policy.` })
  return kmsAnswerInvalid(told)
}
