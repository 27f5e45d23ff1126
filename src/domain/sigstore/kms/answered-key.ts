import { createPublicKey, type KeyObject } from 'node:crypto'
import { kmsAnswerInvalid } from './errors.ts'

/** The public key in an answer; `where` names it. Throws SW-KMS-ANSWER. */
export function answeredKey(key: Parameters<typeof createPublicKey>[0], where: string): KeyObject {
  try {
    return createPublicKey(key)
  } catch {
    throw kmsAnswerInvalid(`The public key of ${where} cannot be read: it is none, or of a kind that is not known here.`)
  }
}
