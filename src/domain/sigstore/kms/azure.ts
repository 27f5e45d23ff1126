import type { KeyObject } from 'node:crypto'
import type * as v from 'valibot'
import { entraToken } from '../../cloud/azure/entra.ts'
import type { ServiceReference } from '../keys/service-reference.ts'
import { answeredKey } from './answered-key.ts'
import { askKeyService, type KmsAnswer, readAnswer, refusalOf, saying } from './ask.ts'
import { keyVaultCloud } from './azure-cloud.ts'
import { derOfRaw } from './ecdsa-signature.ts'
import { kmsAnswerInvalid, kmsDenied, kmsKeyDisabled, kmsKeyMissing, kmsKeyUnsuitable, kmsUnset } from './errors.ts'
import { type KmsPorts, keptCredential } from './ports.ts'
import { AzureKey, AzureRefusal, AzureSignature } from './schema.ts'
import type { Hash, ServiceKey } from './service-key.ts'

type AzureReference = Extract<ServiceReference, { service: 'azurekms' }>
type Found = v.InferOutput<typeof AzureKey>

type Call = <T extends v.GenericSchema>(
  question: { readonly path: string; readonly operation: 'get' | 'sign'; readonly body?: object },
  schema: T,
) => Promise<v.InferOutput<T>>

const apiVersion = '7.4'

/** By type and curve (RFC 7518 §3.1); a curve’s key signs with its own digest only. */
const algorithms = [
  { kty: 'EC', crv: 'P-256', alg: 'ES256', hash: 'sha256' },
  { kty: 'EC', crv: 'P-384', alg: 'ES384', hash: 'sha384' },
  { kty: 'EC', crv: 'P-521', alg: 'ES512', hash: 'sha512' },
  { kty: 'RSA', crv: undefined, alg: 'RS256', hash: 'sha256' },
] as const satisfies readonly { kty: string; crv: string | undefined; alg: string; hash: Hash }[]

/** A key version of Azure Key Vault or Managed HSM, the current one where the reference names none. Throws SW-KMS-…, SW-CREDENTIAL-KEYLESS. */
export async function azureKey(reference: AzureReference, ports: KmsPorts): Promise<ServiceKey> {
  const { host, key: name, version = '' } = reference
  const call = caller(host, ports)
  const found = await call({ path: `/keys/${name}/${version}`, operation: 'get' }, AzureKey)
  const pinned = new URL(found.key.kid)
  const [, its] = new RegExp(`^/keys/${name}/([0-9a-z]{1,64})$`, 'i').exec(pinned.pathname) ?? []
  if (pinned.host !== host || its === undefined || (version !== '' && its !== version))
    throw kmsAnswerInvalid(`Key Vault at ${host} answered with another key than ${name}/${version}.`)
  const where = `azurekms://${host}/${name}/${its}`
  const kty = found.key.kty.replace(/-HSM$/, '')
  const algorithm = algorithms.find((one) => one.kty === kty && (one.crv === undefined || one.crv === found.key.crv))
  if (algorithm === undefined)
    throw kmsKeyUnsuitable(
      `${where} is a key of the type ${kty}${found.key.crv === undefined ? '' : ` ${found.key.crv}`}, expected EC P-256, P-384, P-521 or RSA.`,
    )
  return {
    reference: where,
    publicKey: publicKeyOf(found, where),
    hashes: [algorithm.hash],
    async sign({ bytes }) {
      checkInUse(found, where, ports.clock.now())
      const body = { alg: algorithm.alg, value: bytes.toString('base64url') }
      const { kid, value } = await call({ path: `/keys/${name}/${its}/sign`, operation: 'sign', body }, AzureSignature)
      if (kid !== found.key.kid) throw kmsAnswerInvalid(`${where} was asked to sign, and another key did.`)
      return kty === 'EC' ? derOfRaw(value) : value
    },
  }
}

function publicKeyOf({ key: { kty, crv, x, y, n, e } }: Found, where: string): KeyObject {
  const members = Object.entries({ kty: kty.replace(/-HSM$/, ''), crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return answeredKey({ key: Object.fromEntries(members), format: 'jwk' }, where)
}

/** Seconds since 1970 in `nbf` and `exp`. */
function checkInUse({ key, attributes }: Found, where: string, now: number): void {
  const hint = `az keyvault key set-attributes --id ${key.kid} --enabled true`
  if (!attributes.enabled) throw kmsKeyDisabled(`${where} is disabled.`, { hint })
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString()
  if (attributes.nbf !== undefined && attributes.nbf * 1000 > now)
    throw kmsKeyDisabled(`${where} is not valid before ${day(attributes.nbf)}.`)
  if (attributes.exp !== undefined && attributes.exp * 1000 <= now) throw kmsKeyDisabled(`${where} was valid until ${day(attributes.exp)}.`)
  if (key.key_ops !== undefined && !key.key_ops.includes('sign'))
    throw kmsKeyUnsuitable(`${where} is for ${key.key_ops.join(', ')}, expected sign.`)
}

function caller(host: string, ports: KmsPorts): Call {
  const cloud = keyVaultCloud(host)
  const token = keptCredential(() => entraToken(cloud, ports), ports)
  return async ({ path, operation, body }, schema) => {
    const found = await token()
    if (found === undefined) throw unidentified()
    ports.secrets.mask(found.value)
    const answer = await askKeyService(
      {
        service: 'Azure Key Vault',
        method: body === undefined ? 'GET' : 'POST',
        url: new URL(`https://${host}${path}?api-version=${apiVersion}`),
        headers: { authorization: `Bearer ${found.value}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      ports,
    )
    if (answer.status === 200) return readAnswer(answer, schema)
    throw refused(answer, operation)
  }
}

function unidentified(): Error {
  return kmsUnset('Nothing identifies this run to Azure: no client, and no managed identity of the machine.', {
    hint: 'Set AZURE_CLIENT_ID and AZURE_TENANT_ID (on GitHub with permissions: id-token: write), or run with workload identity.',
    safe: 'nothing was sent',
  })
}

function refused(answer: KmsAnswer, operation: 'get' | 'sign'): Error {
  const { error = {} } = refusalOf(answer, AzureRefusal)
  const inner = error.innererror?.code
  const told = `${saying(answer, [inner ?? error.code, error.message])}.`
  if (answer.status === 404) return kmsKeyMissing(told, { hint: 'az keyvault key list --vault-name VAULT' })
  if (/Disabled|Expired|NotYetValid/.test(inner ?? '') || /disabled|expired|not yet valid/.test(error.message ?? ''))
    return kmsKeyDisabled(told, { hint: 'az keyvault key set-attributes --enabled true …' })
  if ([401, 403].includes(answer.status)) {
    const permission = operation === 'sign' ? 'keys/sign' : 'keys/get (read)'
    return kmsDenied(told, { hint: `Give the client ${permission} on the key: az role assignment create --role "Key Vault Crypto User" …` })
  }
  return kmsAnswerInvalid(told)
}
