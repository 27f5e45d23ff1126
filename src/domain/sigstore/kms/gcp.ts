import type * as v from 'valibot'
import { accessToken } from '../../cloud/gcp/access-token.ts'
import type { ServiceReference } from '../keys/service-reference.ts'
import { answeredKey } from './answered-key.ts'
import { askKeyService, type KmsAnswer, readAnswer, refusalOf, saying } from './ask.ts'
import { crc32c } from './crc32c.ts'
import { kmsAnswerInvalid, kmsDenied, kmsKeyDisabled, kmsKeyMissing, kmsKeyUnsuitable, kmsUnset } from './errors.ts'
import { type KmsPorts, keptCredential } from './ports.ts'
import { GcpPublicKey, GcpRefusal, GcpSignature, GcpVersions } from './schema.ts'
import type { Digested, Hash, ServiceKey } from './service-key.ts'

type GcpReference = Extract<ServiceReference, { service: 'gcpkms' }>

/** A request below `https://cloudkms.googleapis.com/v1/`, with the permission that it needs. */
type Call = <T extends v.GenericSchema>(
  question: { readonly path: string; readonly permission: string; readonly body?: object },
  schema: T,
) => Promise<v.InferOutput<T>>

/** The only place where the token goes. */
const base = 'https://cloudkms.googleapis.com/v1/'

/** A version is bound to one algorithm with its digest; RSA-PSS and secp256k1 are none of sigstore’s. */
const algorithms: Readonly<Record<string, Hash>> = {
  EC_SIGN_P256_SHA256: 'sha256',
  EC_SIGN_P384_SHA384: 'sha384',
  EC_SIGN_ED25519: null,
  RSA_SIGN_PKCS1_2048_SHA256: 'sha256',
  RSA_SIGN_PKCS1_3072_SHA256: 'sha256',
  RSA_SIGN_PKCS1_4096_SHA256: 'sha256',
}

/** A key version of Cloud KMS, the newest that is enabled where the reference names none. Throws SW-KMS-…, SW-CREDENTIAL-KEYLESS. */
export async function gcpKey(reference: GcpReference, ports: KmsPorts): Promise<ServiceKey> {
  const call = caller(ports)
  const version = reference.version ?? (await newestVersion(reference.key, call))
  const path = `${reference.key}/cryptoKeyVersions/${version}`
  const found = await call({ path: `${path}/publicKey`, permission: 'cloudkms.cryptoKeyVersions.viewPublicKey' }, GcpPublicKey)
  if (found.name !== path || crc32c(Buffer.from(found.pem)) !== found.pemCrc32c)
    throw kmsAnswerInvalid(`The public key of ${path} was changed on the way, or is of another key.`, { retryable: true })
  const hash = algorithms[found.algorithm]
  if (hash === undefined)
    throw kmsKeyUnsuitable(`${path} is a key of ${found.algorithm}, expected one of ${Object.keys(algorithms).join(', ')}.`)
  return {
    reference: `gcpkms://${path}`,
    publicKey: answeredKey(found.pem, `gcpkms://${path}`),
    hashes: [hash],
    sign: (what) => sign(path, what, call),
  }
}

/** Cloud KMS, “verifying end-to-end data integrity”: both ways by a checksum. */
async function sign(path: string, { hash, bytes }: Digested, call: Call): Promise<Buffer> {
  const checksum = String(crc32c(bytes))
  const text = bytes.toString('base64')
  const body = hash === null ? { data: text, dataCrc32c: checksum } : { digest: { [hash]: text }, digestCrc32c: checksum }
  const answer = await call({ path: `${path}:asymmetricSign`, permission: 'cloudkms.cryptoKeyVersions.useToSign', body }, GcpSignature)
  const isWhole = hash === null ? answer.verifiedDataCrc32c : answer.verifiedDigestCrc32c
  if (answer.name === path && isWhole && crc32c(answer.signature) === answer.signatureCrc32c) return answer.signature
  throw kmsAnswerInvalid(`What ${path} was to sign, or its signature, was changed on the way.`, { retryable: true })
}

/** Pages of a list that are read; each has up to 1,000 versions. */
const mostPages = 20

async function newestVersion(key: string, call: Call): Promise<string> {
  const numbers: number[] = []
  for (let page = 0, token = ''; page === 0 || (token !== '' && page < mostPages); page += 1) {
    const query = new URLSearchParams({ filter: 'state=ENABLED', pageSize: '1000', ...(token === '' ? {} : { pageToken: token }) })
    const path = `${key}/cryptoKeyVersions?${query}`
    const list = await call({ path, permission: 'cloudkms.cryptoKeyVersions.list' }, GcpVersions)
    for (const { name } of list.cryptoKeyVersions) numbers.push(Number(/\/cryptoKeyVersions\/(\d{1,9})$/.exec(name)?.[1] ?? 0))
    token = list.nextPageToken
  }
  const newest = Math.max(0, ...numbers)
  if (newest > 0) return String(newest)
  throw kmsKeyDisabled(`${key} has no version that is enabled.`, { hint: 'gcloud kms keys versions list' })
}

function caller(ports: KmsPorts): Call {
  const token = keptCredential(() => accessToken(ports), ports)
  return async ({ path, permission, body }, schema) => {
    const found = await token()
    if (found === undefined) throw unidentified()
    const answer = await askKeyService(
      {
        service: 'Google Cloud KMS',
        method: body === undefined ? 'GET' : 'POST',
        url: new URL(base + path),
        headers: { authorization: `Bearer ${found.value}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      ports,
    )
    if (answer.status === 200) return readAnswer(answer, schema)
    throw refused(answer, permission)
  }
}

function unidentified(): Error {
  return kmsUnset('Nothing identifies this run to Google Cloud: no credential file, no token and no service account of the machine.', {
    hint: 'Set GOOGLE_APPLICATION_CREDENTIALS to the file of a workload identity federation (google-github-actions/auth writes one).',
    safe: 'nothing was sent',
  })
}

function refused(answer: KmsAnswer, permission: string): Error {
  const { error = {} } = refusalOf(answer, GcpRefusal)
  const told = `${saying(answer, [error.status, error.message])}.`
  if (answer.status === 404) return kmsKeyMissing(told, { hint: 'gcloud kms keys list --location L --keyring R' })
  if (error.status === 'FAILED_PRECONDITION') return kmsKeyDisabled(told, { hint: 'gcloud kms keys versions enable N …' })
  if ([401, 403].includes(answer.status)) {
    const way = permission.endsWith('.list') ? 'or name the version: …/cryptoKeyVersions/N' : 'as roles/cloudkms.signerVerifier does'
    return kmsDenied(told, { hint: `Give the service account ${permission} on the key, ${way}.` })
  }
  return kmsAnswerInvalid(told)
}
