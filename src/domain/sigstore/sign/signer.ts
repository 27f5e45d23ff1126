import { dsse } from '@sigstore/core'
import type { Signed, SignedBy } from '../formats/material.ts'
import { statementPayload } from '../formats/statement.ts'
import { publicPem } from '../keys/generate.ts'
import type { SigningKey } from '../keys/private-key.ts'
import { isLegacySignedBy, isSignedBy, type SignatureForm } from '../keys/public-key.ts'

/** What is signed, and in which form it is kept. */
export interface ToSign {
  readonly form: SignatureForm
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

/** Who signs: a key, or an identity with a short-lived certificate. */
export interface Signer {
  /** Who signs, for people: `key 3f2a91…`, or the identity of the certificate. */
  readonly name: string
  sign(what: ToSign): Promise<Signed>
  /** Whether a signature is this signer's own over that payload, and has all that a new one would have. */
  isOwn(what: ToSign, found: Found): boolean
}

/** Asks a log and a timestamp authority to vouch for a signature that was just made. */
export interface Witnesses {
  /** How many of each a complete signature has. */
  readonly logs: number
  readonly authorities: number
  attest(
    what: ToSign & { readonly signed: Buffer; readonly signature: Buffer; readonly by: SignedBy },
  ): Promise<Pick<Signed, 'entries' | 'timestamps'>>
}

/** No log and no timestamp: with a key, whoever trusts the key needs neither. */
export const noWitnesses: Witnesses = { logs: 0, authorities: 0, attest: async () => ({ entries: [], timestamps: [] }) }

/** The bytes that a signature is over: the pre-authentication encoding of an envelope, or the payload itself. */
export function signedBytes({ form, payload }: ToSign): Buffer {
  return form === 'bundle' ? dsse.preAuthEncoding(statementPayload, payload) : payload
}

/** Signs with a key that is in hand. */
export function keySigner(key: SigningKey, witnesses: Witnesses): Signer {
  const { hint } = key.public
  const by: SignedBy = { kind: 'key', hint, pem: publicPem(key.public.key) }
  return {
    name: `key ${hint.slice(0, 8)}`,
    sign: async (what) => {
      const signed = signedBytes(what)
      const signature = key.sign(signed, what.form)
      return { signature, by, ...(await witnesses.attest({ ...what, signed, signature, by })) }
    },
    isOwn: (what, { by: seen, signature, entries, timestamps }) => {
      if (!('hint' in seen) || (seen.hint !== '' && seen.hint !== hint)) return false
      const isOurs = what.form === 'bundle' ? isSignedBy : isLegacySignedBy
      return entries >= witnesses.logs && timestamps >= witnesses.authorities && isOurs(key.public, signedBytes(what), signature)
    },
  }
}
