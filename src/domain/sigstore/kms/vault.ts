import type { KeyObject } from 'node:crypto'
import type * as v from 'valibot'
import type { ServiceReference } from '../keys/service-reference.ts'
import { answeredKey } from './answered-key.ts'
import { askKeyService, type KmsAnswer, readAnswer, refusalOf, saying } from './ask.ts'
import { kmsAnswerInvalid, kmsDenied, kmsKeyMissing, kmsKeyUnsuitable } from './errors.ts'
import { type KmsPorts, keptCredential } from './ports.ts'
import { VaultKey, VaultRefusal, VaultSignature } from './schema.ts'
import { anyDigest, type Digested, type Hash, type ServiceKey } from './service-key.ts'
import { mountOf, revokeToken, type Vault, vaultOf, vaultToken } from './vault-login.ts'

type VaultReference = Extract<ServiceReference, { service: 'hashivault' }>

type Call = <T extends v.GenericSchema>(
  question: { readonly path: string; readonly capability: 'read' | 'update'; readonly body?: object },
  schema: T,
) => Promise<v.InferOutput<T>>

const signable = /^(?:ecdsa-p(?:256|384|521)|rsa-(?:2048|3072|4096))$/
const digestNames = { sha256: 'sha2-256', sha384: 'sha2-384', sha512: 'sha2-512' } as const

/** A key version of Vault’s or OpenBao’s transit engine, the latest where the reference names none. Throws SW-KMS-…, SW-CREDENTIAL-KEYLESS. */
export async function vaultKey(reference: VaultReference, ports: KmsPorts): Promise<ServiceKey> {
  const mount = mountOf(ports.environment, 'TRANSIT_SECRET_ENGINE_PATH', 'transit')
  const { call, close } = caller(ports)
  try {
    return { ...(await find(reference, mount, call)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function find({ key, version: wanted }: VaultReference, mount: string, call: Call): Promise<ServiceKey> {
  const { data } = await call({ path: `${mount}/keys/${key}`, capability: 'read' }, VaultKey)
  const isEdwards = data.type === 'ed25519' && !data.derived
  if (!isEdwards && !signable.test(data.type)) {
    const seen = `${data.type}${data.derived ? ', derived' : ''}`
    throw kmsKeyUnsuitable(`The key ${key} of Vault is of the type ${seen}, expected ecdsa-p256.`, {
      hint: `vault write ${mount}/keys/NAME type=ecdsa-p256`,
    })
  }
  const version = wanted ?? data.latest_version
  const found = Object.hasOwn(data.keys, String(version)) ? data.keys[String(version)] : undefined
  if (typeof found !== 'object')
    throw kmsKeyMissing(
      `The key ${key} of Vault has no version ${version}, expected one of ${Object.keys(data.keys).slice(0, 20).join(', ')}.`,
    )
  const hashes: readonly Hash[] = isEdwards ? [null] : anyDigest
  return {
    reference: `hashivault://${key}/versions/${version}`,
    publicKey: publicKeyOf(found.public_key, { isEdwards, where: `version ${version} of the key ${key}` }),
    hashes,
    sign: (what) => sign(what, { path: `${mount}/sign/${key}`, version, call }),
  }
}

/** Transit secrets engine, “sign data”. The version is said: between reading the key and this it may have been rotated. */
async function sign(
  { hash, bytes }: Digested,
  { path, version, call }: { readonly path: string; readonly version: number; readonly call: Call },
): Promise<Buffer> {
  const hashed = { prehashed: true, marshaling_algorithm: 'asn1', signature_algorithm: 'pkcs1v15' }
  const body = { input: bytes.toString('base64'), key_version: version, ...(hash === null ? {} : hashed) }
  const question = { path: hash === null ? path : `${path}/${digestNames[hash]}`, capability: 'update', body } as const
  const { signature } = (await call(question, VaultSignature)).data
  const [, its, text] = /^vault:v(\d{1,9}):([A-Za-z0-9+/]+=*)$/.exec(signature) ?? []
  if (text !== undefined && Number(its) === version) return Buffer.from(text, 'base64')
  throw kmsAnswerInvalid(`Vault answered to ${path} with no signature of version ${version}.`)
}

/** PEM, but for Ed25519: base64 of its 32 bytes. */
function publicKeyOf(text: string, { isEdwards, where }: { readonly isEdwards: boolean; readonly where: string }): KeyObject {
  if (!isEdwards) return answeredKey(text, where)
  const x = Buffer.from(text, 'base64').toString('base64url')
  return answeredKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }, where)
}

/** Asks as who this run is to Vault, and ends the logins that took. */
function caller(ports: KmsPorts): { readonly call: Call; close(): Promise<void> } {
  const vault = vaultOf(ports.environment, ports.http)
  const ours = new Set<string>()
  const login = keptCredential(async () => {
    const { token, isOurs } = await vaultToken(vault, ports)
    if (isOurs) ours.add(token)
    return token
  }, ports)
  return {
    call: callWith(vault, login, ports),
    close: async () => {
      const ending = [...ours]
      ours.clear()
      await Promise.all(ending.map((token) => revokeToken(vault, token, ports.http)))
    },
  }
}

function callWith(vault: Vault, token: () => Promise<string>, ports: KmsPorts): Call {
  return async ({ path, capability, body }, schema) => {
    const headers = {
      ...vault.headers,
      'x-vault-token': await token(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const url = new URL(vault.api + path)
    const question = { service: 'Vault', method: body === undefined ? 'GET' : 'POST', url, headers } as const
    const answer = await askKeyService({ ...question, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, ports)
    if (answer.status === 200) return readAnswer(answer, schema)
    throw refused(answer, path, capability)
  }
}

function refused(answer: KmsAnswer, path: string, capability: string): Error {
  const { errors = [] } = refusalOf(answer, VaultRefusal)
  const told = `${saying(answer, errors)}, to ${path}.`
  if ([401, 403].includes(answer.status)) {
    const rule = `path "${path.replace(/(\/sign\/[^/]+)\/.*/, '$1/*')}" { capabilities = ["${capability}"] }`
    return kmsDenied(told, { hint: `vault policy write …: ${rule}` })
  }
  const isMissing = answer.status === 404 || errors.some((error) => /key not found/.test(error))
  if (isMissing)
    return kmsKeyMissing(told, { hint: 'vault list transit/keys; the mount is TRANSIT_SECRET_ENGINE_PATH, the namespace VAULT_NAMESPACE' })
  if (answer.status >= 300 && answer.status < 400)
    return kmsAnswerInvalid(told, {
      hint: 'A standby sends on to the active node: set VAULT_ADDR to that, or to the load balancer before both.',
    })
  return kmsAnswerInvalid(told)
}
