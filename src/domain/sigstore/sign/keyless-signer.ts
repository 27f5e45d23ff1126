import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { X509Certificate as SigstoreCertificate } from '@sigstore/core'
import { type SigningKey, signingKey } from '../keys/private-key.ts'
import { publicKeyOf } from '../keys/public-key.ts'
import type { ServicePorts } from '../services/ask.ts'
import { identityRefused, serviceUnavailable, signingConfigInvalid } from '../services/errors.ts'
import { type Certificate, requestCertificate } from '../services/fulcio.ts'
import type { Services } from '../services/signing-config.ts'
import { type Claims, claimsOf } from '../verify/claims.ts'
import { type Found, isComplete, isMadeBy, type Signer, signedBytes, type ToSign, unlessLogged } from './signer.ts'
import { type Witnesses, witnessesOf } from './witnesses.ts'

/** Milliseconds that a certificate must still be valid to sign with it; it lives ten minutes. */
const leastLife = 60_000

export interface KeylessOptions {
  readonly services: Services
  /** An identity token for the audience `sigstore`; another one when that has ended. */
  readonly token: () => Promise<string>
  readonly ports: ServicePorts
}

/** A signer by identity, and what its certificate says of it. */
export interface KeylessSigner extends Signer {
  readonly claims: Claims
}

/** A key that this process forgets, with its certificate. */
export interface Holder {
  readonly key: SigningKey
  readonly certificate: Certificate
  /** Milliseconds since 1970. */
  readonly until: number
}

/**
 * Signs as who the identity token says: with a key that never leaves the process and is forgotten with it, and a certificate of ten minutes
 * that is asked for anew when it ends. Throws SW-FULCIO-REFUSED, SW-SIGNING-CONFIG, SW-SIGSTORE-….
 */
export async function keylessSigner(options: KeylessOptions): Promise<KeylessSigner> {
  const { ports, services } = options
  const witnesses = witnessesOf(services, ports)
  if (witnesses.logs + witnesses.authorities === 0) {
    throw signingConfigInvalid('Without a key a log or a timestamp authority has to say when it was signed, and none is given.')
  }
  const tooLate = serviceUnavailable('The log or the timestamp authority took longer than the certificate lives, three times.', {
    retryable: true,
  })
  let holder = await newHolder(options)
  const claims = claimsOf(SigstoreCertificate.parse(holder.certificate.pem))
  return {
    claims,
    name: claims.identity,
    trusting: { identity: claims.identity, issuer: claims.issuer },
    // Without a log there is nothing to put beside the certificate that says when.
    legacy: witnesses.legacy && witnesses.logs > 0,
    notLegacy: witnesses.notLegacy,
    takesEnvelopes: witnesses.takesEnvelopes,
    isOwn: (what, found) => isOwn(what, found, { witnesses, claims, certificate: holder.certificate }),
    sign: (what) =>
      unlessLogged(what, async (asked) => {
        for (let attempt = 1; ; attempt += 1) {
          if (holder.until - ports.now() < leastLife) holder = await newHolder(options)
          const { key, certificate, until } = holder
          const signed = signedBytes(asked)
          const signature = key.sign(signed, asked.form)
          const { algorithm } = key.public
          const word = await witnesses.attest({ ...asked, signed, signature, by: certificate, algorithm })
          // A log that was down for long may have its time after the end of the certificate: nobody would accept that.
          if (ports.now() < until) return { signature, by: certificate, ...word }
          if (attempt === 3) throw tooLate
        }
      }),
  }
}

/** A new key with its certificate. Throws as {@link keylessSigner}. */
export async function newHolder({ services, token, ports }: KeylessOptions): Promise<Holder> {
  const { authority } = services
  if (authority === undefined) throw signingConfigInvalid('The signing config names no certificate authority that is valid now.')
  const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'the key of this run')
  const first = await token()
  const certificate = await requestCertificate(authority, key, { token: first, ports }).catch(async (error: unknown) => {
    // The token may have ended while the authority was waited for.
    const next = identityRefused.is(error) ? await token() : first
    if (next === first) throw error
    return requestCertificate(authority, key, { token: next, ports })
  })
  return { key, certificate, until: Date.parse(new X509Certificate(certificate.leaf).validTo) }
}

/** One by the same identity, vouched for by the same authority. */
function isOwn(
  what: ToSign,
  found: Found,
  { witnesses, claims, certificate }: { readonly witnesses: Witnesses; readonly claims: Claims; readonly certificate: Certificate },
): boolean {
  if (!('certificate' in found.by) || !isComplete(what, found, witnesses)) return false
  try {
    const theirs = new X509Certificate(found.by.certificate)
    const seen = claimsOf(SigstoreCertificate.parse(theirs.toString()))
    if (seen.identity !== claims.identity || seen.issuer !== claims.issuer) return false
    return (
      theirs.verify(new X509Certificate(certificate.chain).publicKey) && isMadeBy(publicKeyOf(theirs.publicKey, ''), what, found.signature)
    )
  } catch {
    // What is no certificate is not ours.
    return false
  }
}
