import { createHash, createPublicKey } from 'node:crypto'
import * as v from 'valibot'
import type { LogEntry } from '../formats/material.ts'
import { hashOf, type KeyAlgorithm } from '../keys/public-key.ts'
import { ask, mostBytes, type ServicePorts, saying } from './ask.ts'
import { logDuplicate, serviceRefused } from './errors.ts'
import { tileAnswer } from './schema.ts'
import type { ToLog } from './to-log.ts'

/** `PublicKeyDetails` of sigstore_common.proto; Ed25519 is only taken prehashed, which verifiers of envelopes do not do. */
const details: Readonly<Record<Exclude<KeyAlgorithm, 'rsa-pkcs1v15-sha256'>, string | undefined>> = {
  'ecdsa-p256-sha256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384-sha384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521-sha512': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: undefined,
}

/**
 * Puts a signature into a log of version 2, which takes hashes only: of an envelope, that of its pre-authentication encoding. It answers
 * when the entry is in a checkpoint, after up to ten seconds. Throws {@link logDuplicate}, SW-SIGSTORE-….
 */
export async function logToVersion2(url: string, what: ToLog, ports: ServicePorts): Promise<LogEntry> {
  const response = await ask(ports, { service: 'Rekor', url: `${url}/api/v2/log/entries`, body: requestOf(what, url) })
  if (response.status === 409) {
    await response.discard()
    throw logDuplicate(`Rekor at ${url} has this very signature already, and gives its proof only once.`)
  }
  if (response.status !== 201 && response.status !== 200) throw serviceRefused(`Rekor at ${url} answered ${await saying(response)}.`)
  const answer = v.safeParse(tileAnswer, await response.json(mostBytes))
  if (!answer.success) throw serviceRefused(`Rekor at ${url} answered ${response.status} without an entry that has its proof.`)
  return answer.output
}

function requestOf({ signed, signature, by, algorithm, form }: ToLog, url: string): object {
  const keyDetails = algorithm === 'rsa-pkcs1v15-sha256' ? rsaDetails(by.pem) : details[algorithm]
  const hash = hashOf(algorithm, form)
  if (keyDetails === undefined || hash === null) {
    throw serviceRefused(`Rekor at ${url} is of version 2, which takes no signatures of this kind of key (${algorithm}).`, {
      safe: 'nothing was sent',
    })
  }
  const verifier =
    by.kind === 'certificate'
      ? { x509Certificate: { rawBytes: by.leaf.toString('base64') } }
      : { publicKey: { rawBytes: createPublicKey(by.pem).export({ type: 'spki', format: 'der' }).toString('base64') } }
  const digest = createHash(hash).update(signed).digest('base64')
  return {
    hashedRekordRequestV002: { digest, signature: { content: signature.toString('base64'), verifier: { ...verifier, keyDetails } } },
  }
}

function rsaDetails(pem: string): string {
  return `PKIX_RSA_PKCS1V15_${createPublicKey(pem).asymmetricKeyDetails?.modulusLength}_SHA256`
}
