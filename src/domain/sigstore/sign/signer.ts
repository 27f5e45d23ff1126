import { randomInt } from 'node:crypto'
import { dsse } from '@sigstore/core'
import type { TaskError } from '../../../base/errors.ts'
import type { Signed, SignedBy } from '../formats/material.ts'
import { statementPayload } from '../formats/statement.ts'
import type { KeyHandle } from '../keys/private-key.ts'
import { isLegacySignedBy, isSignedBy, type PublicKey, type SignatureForm } from '../keys/public-key.ts'
import { publicPem } from '../keys/public-pem.ts'
import { kmsKeyUnsuitable } from '../kms/errors.ts'
import { logDuplicate } from '../services/errors.ts'
import { isEnveloped } from '../services/to-log.ts'
import { noWitnesses, type Witnesses } from './witnesses.ts'

/** Enough that two runs hardly choose the same number. */
const mostSpaces = 128

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
  /** Why it could sign none, where that is so for sure. */
  readonly notLegacy?: TaskError | undefined
  /** Whether a log is sent whole envelopes, as of version 1. */
  readonly takesEnvelopes: boolean
  sign(what: ToSign): Promise<Signed>
  /** Whether a signature is this signer's own over that payload, and has all that a new one would have. */
  isOwn(what: ToSign, found: Found): boolean
  /** Ends what was begun to reach its key; it signs no more. */
  close?(): Promise<void>
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
    notLegacy: witnesses.notLegacy ?? (key.legacy === false ? otherDigest(key) : undefined),
    takesEnvelopes: witnesses.takesEnvelopes,
    close: async () => key.close?.(),
    sign: (what) =>
      unlessLogged(what, async (asked) => {
        const signed = signedBytes(asked)
        const signature = await key.sign(signed, asked.form)
        return { signature, by, ...(await witnesses.attest({ ...asked, signed, signature, by, algorithm })) }
      }),
    isOwn: (what, found) => {
      if (!('hint' in found.by) || (found.by.hint !== '' && found.by.hint !== hint)) return false
      return isComplete(what, found, witnesses) && isMadeBy(key.public, what, found.signature)
    },
  }
}

function otherDigest({ reference = 'The key', public: { algorithm } }: KeyHandle): TaskError {
  return kmsKeyUnsuitable(`${reference} is of ${algorithm}, expected one that signs SHA-256, as the tags .sig and .att have it.`, {
    hint: 'format: bundle, or a P-256 key',
    safe: 'nothing was signed',
  })
}

/** Whether bytes are a payload, with spaces behind it or without. */
export function isSpaced(bytes: Buffer, payload: Buffer): boolean {
  const end = payload.length
  return bytes.length < end + mostSpaces && bytes.subarray(0, end).equals(payload) && bytes.subarray(end).every((byte) => byte === 0x20)
}

/** Whether a signature has as many witnesses as a new one would; a layer under a tag has room for one of each kind. */
export function isComplete({ form }: ToSign, { entries, timestamps }: Found, { logs, authorities }: Witnesses): boolean {
  const most = form === 'legacy' ? 1 : Number.POSITIVE_INFINITY
  return entries >= Math.min(logs, most) && timestamps >= Math.min(authorities, most)
}

/** Whether a key made a signature over what is to be signed. */
export function isMadeBy(key: PublicKey, what: ToSign, signature: Buffer): boolean {
  return (what.form === 'bundle' ? isSignedBy : isLegacySignedBy)(key, signedBytes(what), signature)
}

/**
 * Signs again what a log of version 2 has already: it gives an entry only once, and where its answer got lost it cannot be had. Most keys
 * make another signature each time. RSA does not; there the statement gets spaces behind its end, which are no part of what it says.
 */
export async function unlessLogged(what: ToSign, sign: (asked: ToSign) => Promise<Signed>): Promise<Signed> {
  for (let attempt = 1; ; attempt += 1) {
    const payload = attempt <= 2 ? what.payload : Buffer.concat([what.payload, Buffer.alloc(randomInt(1, mostSpaces), ' ')])
    try {
      const signed = await sign({ ...what, payload })
      return attempt <= 2 ? signed : { ...signed, payload }
    } catch (error) {
      if (!logDuplicate.is(error) || what.form === 'legacy' || attempt === 4) throw error
    }
  }
}
