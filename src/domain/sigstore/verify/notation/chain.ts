import type { X509Certificate as NodeCertificate } from 'node:crypto'
import { X509Certificate } from '@sigstore/core'
import { Refused } from '../reasons.ts'

const oids = { keyUsage: '2.5.29.15', extendedKeyUsage: '2.5.29.37', codeSigning: '1.3.6.1.5.5.7.3.3' } as const
/** Bits of keyUsage (RFC 5280, §4.2.1.3). */
const bits = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5 } as const
/** sha256, 384 and 512 with RSA, and with ECDSA; SHA-1 is refused. */
const algorithms: readonly string[] = [
  ...[11, 12, 13].map((last) => `1.2.840.113549.1.1.${last}`),
  ...[2, 3, 4].map((last) => `1.2.840.10045.4.3.${last}`),
]

/**
 * Requires a chain as signatures of Notation have it (signature-specification.md, Certificate Requirements): the signer's certificate
 * for signing code, each one issued by the next, the last by itself, all valid at each of the times. Throws {@link Refused}.
 */
export function requireSigningChain(chain: readonly NodeCertificate[], times: readonly Date[]): void {
  const parsed = chain.map(({ raw }) => X509Certificate.parse(Buffer.from(raw)))
  for (const [place, certificate] of parsed.entries()) {
    requireIssued(chain, parsed, place)
    if (place === 0) requireLeaf(certificate)
    else requireAuthority(certificate, place - 1)
    const outside = times.find((time) => !certificate.validForDate(time))
    if (outside !== undefined) {
      const expected = `${certificate.notBefore.toISOString()} to ${certificate.notAfter.toISOString()}`
      throw new Refused('certificate-expired', { expected, got: outside.toISOString() })
    }
  }
}

function requireIssued(chain: readonly NodeCertificate[], parsed: readonly X509Certificate[], place: number): void {
  const [own, issuer] = [parsed[place], parsed[place + 1] ?? parsed[place]]
  const key = (chain[place + 1] ?? chain[place])?.publicKey
  const algorithm = own?.root.subs[1]?.subs[0]?.toOID() ?? ''
  if (!algorithms.includes(algorithm)) throw new Refused('certificate-chain', { expected: 'SHA-256, SHA-384 or SHA-512', got: algorithm })
  const isIssued = own !== undefined && issuer !== undefined && key !== undefined && own.issuer.equals(issuer.subject)
  if (!isIssued || chain[place]?.verify(key) !== true)
    throw new Refused('certificate-chain', { got: `certificate ${place + 1} of ${chain.length}` })
}

function requireLeaf(certificate: X509Certificate): void {
  const usage = usageOf(certificate)
  const isForSigning = usage?.[bits.digitalSignature] === true
  const more = usage?.findIndex((set, bit) => set && bit !== bits.digitalSignature && bit !== bits.nonRepudiation) ?? -1
  if (!isForSigning || more !== -1 || certificate.extBasicConstraints?.isCA === true)
    throw new Refused('certificate-usage', { expected: 'digitalSignature alone, of no authority' })
  const extended = certificate.extension(oids.extendedKeyUsage)?.valueObj.subs[0]?.subs.map((one) => one.toOID())
  const others = extended?.filter((oid) => oid !== oids.codeSigning) ?? []
  if (others.length > 0) throw new Refused('certificate-usage', { expected: oids.codeSigning, got: others.join(', ').slice(0, 200) })
}

/** `below` is the number of authorities between it and the signer. */
function requireAuthority(certificate: X509Certificate, below: number): void {
  const { extBasicConstraints: constraints } = certificate
  const most = constraints?.pathLenConstraint
  const isAuthority = constraints?.critical === true && constraints.isCA && usageOf(certificate)?.[bits.keyCertSign] === true
  if (!isAuthority) throw new Refused('certificate-usage', { expected: 'an authority: basicConstraints and keyCertSign, both critical' })
  if (most !== undefined && below > most)
    throw new Refused('certificate-usage', { expected: `at most ${most} authorities below it`, got: String(below) })
}

/** The bits, where the extension is there and critical. */
function usageOf(certificate: X509Certificate): readonly boolean[] | undefined {
  const extension = certificate.extension(oids.keyUsage)
  return extension?.critical === true ? extension.valueObj.subs[0]?.toBitString().map((bit) => bit === 1) : undefined
}
