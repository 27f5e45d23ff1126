import { type KeyObject, X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import type { SignedBy } from '../formats/material.ts'
import type { SigningKey } from '../keys/private-key.ts'
import { publicPem } from '../keys/public-pem.ts'
import { ask, type ServicePorts, saying } from './ask.ts'
import { identityRefused, serviceRefused } from './errors.ts'
import { certificateAnswer, tokenClaims } from './schema.ts'
import { trimmed } from './signing-config.ts'

export type Certificate = Extract<SignedBy, { readonly kind: 'certificate' }>

/**
 * A certificate for a key of this run, by Fulcio (fulcio.proto, CreateSigningCertificate). That it is for this key, and by whom the answer
 * says, is checked; whether to trust that authority is the verifier's to say. Throws SW-FULCIO-REFUSED, SW-SIGSTORE-….
 */
export async function requestCertificate(
  url: string,
  key: SigningKey,
  { token, ports }: { readonly token: string; readonly ports: ServicePorts },
): Promise<Certificate> {
  const response = await ask(ports, {
    service: 'Fulcio',
    url: `${trimmed(url)}/api/v2/signingCert`,
    body: {
      credentials: { oidcIdentityToken: token },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: publicPem(key.public.key) },
        proofOfPossession: key.sign(Buffer.from(provenName(token))).toString('base64'),
      },
    },
  })
  if ([400, 401, 403].includes(response.status)) throw identityRefused(`${url} answered ${await saying(response)}.`)
  if (response.status !== 200 && response.status !== 201)
    throw serviceRefused(`Fulcio at ${url} answered ${await saying(response)}, expected a certificate.`)
  const answer = v.safeParse(certificateAnswer, await response.json())
  if (!answer.success) throw serviceRefused(`Fulcio at ${url} answered without a certificate and its chain.`)
  return checked(answer.output.chain.certificates, key.public.key, url)
}

/** What the signature over proves that whoever has the token has the key: an email where the token is about one, else its subject. */
function provenName(token: string): string {
  const claims = v.safeParse(v.pipe(v.string(), v.parseJson(), tokenClaims), Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  if (!claims.success) throw identityRefused('The identity token is no JWT with a subject.', { safe: 'it was not sent' })
  return claims.output.email ?? claims.output.sub
}

function checked(pems: readonly string[], key: KeyObject, url: string): Certificate {
  const [leaf, issuer, ...rest] = pems.map((pem) => read(pem, url))
  if (leaf === undefined || issuer === undefined) throw serviceRefused(`Fulcio at ${url} answered without a chain.`)
  if (!leaf.publicKey.equals(key)) throw serviceRefused(`The certificate by Fulcio at ${url} is for another key than the one of this run.`)
  if (!leaf.verify(issuer.publicKey))
    throw serviceRefused(`The certificate by Fulcio at ${url} is not signed by the one that came with it.`)
  return { kind: 'certificate', leaf: leaf.raw, pem: leaf.toString(), chain: [issuer, ...rest].map(String).join('') }
}

function read(pem: string, url: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw serviceRefused(`Fulcio at ${url} answered with a certificate that cannot be read.`, { cause })
  }
}
