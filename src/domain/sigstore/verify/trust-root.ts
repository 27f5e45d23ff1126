import { createPublicKey } from 'node:crypto'
import type { X509Certificate } from '@sigstore/core'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify'
import * as v from 'valibot'
import { messageOf } from '../../../base/errors.ts'
import { trustRootInvalid } from './errors.ts'
import { reasonOf } from './reasons.ts'
import { parseStrictJson } from './strict-json.ts'
import { keyKinds, type TrustRootDocument, trustRootSchema } from './trust-root-schema.ts'

/** Authorities of certificates and time, and logs, that one Sigstore runs: public, GitHub's, one's own. */
export interface TrustRoot {
  /** The file, for messages. */
  readonly name: string
  readonly material: Omit<TrustMaterial, 'publicKey'>
}

/**
 * Reads a trusted root; `name` is its file. Throws SW-TRUST-ROOT-INVALID, also for a log or authority without a start of validity, a log
 * that is there twice, and a key of another type than it is said to be.
 */
export function parseTrustRoot(bytes: Uint8Array, name: string): TrustRoot {
  const value = parse(bytes, name)
  const parsed = v.safeParse(trustRootSchema, value)
  if (!parsed.success)
    throw trustRootInvalid(`${name} is no trusted root: ${v.getDotPath(parsed.issues[0]) ?? 'the document'}: ${parsed.issues[0].message}.`)
  requireOnce(parsed.output, name)
  try {
    for (const { publicKey } of [...parsed.output.tlogs, ...parsed.output.ctlogs]) requireKind(publicKey)
    const { publicKey: _, ...material } = toTrustMaterial(TrustedRoot.fromJSON(value))
    return { name, material }
  } catch (cause) {
    throw trustRootInvalid(`${name} holds a key or certificate that cannot be read: ${messageOf(cause)}.`, { cause })
  }
}

/** Of two logs with one identifier the reader would take one or the other, with its times. */
function requireOnce(document: TrustRootDocument, name: string): void {
  for (const list of ['tlogs', 'ctlogs'] as const) {
    const seen = new Set<string>()
    for (const { logId } of document[list]) {
      if (seen.has(logId.keyId)) throw trustRootInvalid(`${name}: ${list} has the log ${logId.keyId} twice.`)
      seen.add(logId.keyId)
    }
  }
}

function requireKind({ rawBytes, keyDetails }: TrustRootDocument['tlogs'][number]['publicKey']): void {
  const kind = keyKinds[keyDetails]
  const key = createPublicKey({
    key: Buffer.from(rawBytes, 'base64'),
    format: 'der',
    type: keyDetails.startsWith('PKCS1') ? 'pkcs1' : 'spki',
  })
  if (key.asymmetricKeyType === kind?.type && key.asymmetricKeyDetails?.namedCurve === kind?.curve) return
  throw new Error(`a key that is said to be ${keyDetails} is ${key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType}`)
}

/** Whether an authority of the root, valid then, issued the certificate: by signature, whatever its names say. */
export function issued({ material }: TrustRoot, certificate: X509Certificate, at: Date): boolean {
  return material.certificateAuthorities
    .filter(({ validFor: { start, end } }) => start <= at && at <= end)
    .some(({ certChain }) => certChain.some((issuer) => isIssuer(issuer, certificate)))
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.verify(issuer)
  } catch {
    return false
  }
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (cause) {
    const { code, got = '' } = reasonOf(cause)
    throw trustRootInvalid(`${name} is no trusted root: ${code} ${got}.`, { cause })
  }
}
