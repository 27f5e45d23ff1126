import { createHash } from 'node:crypto'
import type { KeyHandle } from '../keys/private-key.ts'
import { hashOf, isLegacySignedBy, isSignedBy, type PublicKey, publicKeyOf } from '../keys/public-key.ts'
import type { ServiceReference } from '../keys/service-reference.ts'
import { awsKey } from './aws.ts'
import { azureKey } from './azure.ts'
import { kmsAnswerInvalid, kmsKeyUnsuitable } from './errors.ts'
import { gcpKey } from './gcp.ts'
import type { KmsPorts } from './ports.ts'
import type { Hash, ServiceKey } from './service-key.ts'
import { vaultKey } from './vault.ts'

/**
 * A key that stays in its key service: the public half is fetched once, and each signature is checked with it before anybody has it.
 * Throws SW-KMS-…, SW-CREDENTIAL-KEYLESS.
 */
export async function openServiceKey(reference: ServiceReference, ports: KmsPorts): Promise<KeyHandle> {
  const key = await find(reference, ports)
  try {
    return handleOf(key, knownKey(key))
  } catch (error) {
    await key.close?.()
    throw error
  }
}

function handleOf(key: ServiceKey, known: PublicKey): KeyHandle {
  return {
    public: known,
    close: async () => key.close?.(),
    reference: key.reference,
    legacy: key.hashes.includes(hashOf(known.algorithm, 'legacy')),
    async sign(data, form = 'bundle') {
      const hash = hashOf(known.algorithm, form)
      if (!key.hashes.includes(hash)) throw unsuitable(key, hash)
      const bytes = hash === null ? Buffer.from(data) : createHash(hash).update(data).digest()
      const signature = await key.sign({ hash, bytes })
      if ((form === 'bundle' ? isSignedBy : isLegacySignedBy)(known, data, signature)) return signature
      throw kmsAnswerInvalid(`The signature by ${key.reference} does not verify with its own public key.`, { retryable: true })
    },
  }
}

function find(reference: ServiceReference, ports: KmsPorts): Promise<ServiceKey> {
  if (reference.service === 'hashivault') return vaultKey(reference, ports)
  if (reference.service === 'awskms') return awsKey(reference, ports)
  return reference.service === 'gcpkms' ? gcpKey(reference, ports) : azureKey(reference, ports)
}

/** Throws SW-KEY-INVALID, SW-KMS-KEY-UNSUITABLE: verifiers take the digest from the kind of the key. */
function knownKey(key: ServiceKey): PublicKey {
  const known = publicKeyOf(key.publicKey, key.reference)
  const hash = hashOf(known.algorithm)
  if (!key.hashes.includes(hash)) throw unsuitable(key, hash)
  return known
}

function unsuitable({ reference, hashes }: ServiceKey, wanted: Hash): Error {
  const names = hashes.map((hash) => hash ?? 'no digest').join(', ')
  return kmsKeyUnsuitable(`${reference} signs ${names}, expected ${wanted ?? 'no digest'}.`, { hint: 'format: bundle, or a P-256 key' })
}
