import { dsse } from '@sigstore/core'
import type { Signed, SignedBy } from '../formats/material.ts'
import { statementPayload } from '../formats/statement.ts'
import { publicPem } from '../keys/generate.ts'
import type { KeyHandle } from '../keys/private-key.ts'
import { isLegacySignedBy, isSignedBy, type PublicKey, type SignatureForm } from '../keys/public-key.ts'
import { logDuplicate } from '../services/errors.ts'
import { isEnveloped } from '../services/to-log.ts'
import { noWitnesses, type Witnesses } from './witnesses.ts'

/** What is signed, and in which form it is kept. */
export interface ToSign {
  readonly form: SignatureForm
  /** In the legacy form: whether it is a statement in an envelope (`.att`), and not a payload of simple signing (`.sig`). */
  readonly enveloped?: boolean
  /** The statement of an envelope, or the payload of simple signing. */
  readonly payload: Buffer
}

/** A signature that was found, with as much as is needed to know whether it is ours. */
export interface Found {
  readonly signature: Buffer
  /** Hint of a key, or a certificate in DER. */
  readonly by: { readonly hint: string } | { readonly certificate: Buffer }
  readonly entries: number
  readonly timestamps: number
}

/** What one has to trust to take the signatures of a signer: its public key as PEM, or an identity by its issuer. */
export type Trusting = { readonly publicKey: string } | { readonly identity: string; readonly issuer: string }

/** Who signs: a key, or an identity with a short-lived certificate. */
export interface Signer {
  /** Who signs, for people: `key 3f2a91…`, or the identity of the certificate. */
  readonly name: string
  readonly trusting: Trusting
  /** Whether it can sign a `.sig` tag. */
  readonly legacy: boolean
  /** Whether a log is sent whole envelopes, as of version 1. */
  readonly takesEnvelopes: boolean
  sign(what: ToSign): Promise<Signed>
  /** Whether a signature is this signer's own over that payload, and has all that a new one would have. */
  isOwn(what: ToSign, found: Found): boolean
}

/** The bytes that a signature is over: the pre-authentication encoding of an envelope, or the payload itself. */
export function signedBytes(what: ToSign): Buffer {
  return isEnveloped(what) ? dsse.preAuthEncoding(statementPayload, what.payload) : what.payload
}

/** Signs with a key that is in hand, or in a key service. */
export function keySigner(key: KeyHandle, witnesses: Witnesses = noWitnesses): Signer {
  const { hint, algorithm } = key.public
  const by = { kind: 'key', hint, pem: publicPem(key.public.key) } as const satisfies SignedBy
  return {
    name: `key ${hint.slice(0, 8)}${key.reference === undefined ? '' : ` of ${key.reference}`}`,
    trusting: { publicKey: by.pem },
    legacy: witnesses.legacy && key.legacy !== false,
    takesEnvelopes: witnesses.takesEnvelopes,
    sign: (what) =>
      unlessLogged(async () => {
        const signed = signedBytes(what)
        const signature = await key.sign(signed, what.form)
        return { signature, by, ...(await witnesses.attest({ ...what, signed, signature, by, algorithm })) }
      }),
    isOwn: (what, found) => {
      if (!('hint' in found.by) || (found.by.hint !== '' && found.by.hint !== hint)) return false
      return isComplete(found, witnesses) && isMadeBy(key.public, what, found.signature)
    },
  }
}

/** Whether a signature has as many witnesses as a new one would. */
export function isComplete({ entries, timestamps }: Found, { logs, authorities }: Witnesses): boolean {
  return entries >= logs && timestamps >= authorities
}

/** Whether a key made a signature over what is to be signed. */
export function isMadeBy(key: PublicKey, what: ToSign, signature: Buffer): boolean {
  return (what.form === 'bundle' ? isSignedBy : isLegacySignedBy)(key, signedBytes(what), signature)
}

/** An entry whose answer got lost cannot be had from a log of version 2: signed again, most keys give another signature. */
export async function unlessLogged(sign: () => Promise<Signed>): Promise<Signed> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sign()
    } catch (error) {
      if (!logDuplicate.is(error) || attempt === 3) throw error
    }
  }
}
