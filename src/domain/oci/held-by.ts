import type { ErrorKind } from '../../base/errors.ts'
import { harborPolicy, harborQuota, harborReadOnly } from '../harbor/errors.ts'
import type { Diagnostic } from './schema.ts'

/**
 * What holds a request to a registry back that has nothing to do with who asks: a policy, the quota or the read-only mode of Harbor.
 * To HEAD it answers 412 without a word, and nobody else does.
 */
export function heldBy(
  status: number,
  { said, method }: { readonly said: readonly Diagnostic[]; readonly method: string },
): ErrorKind | undefined {
  if (status === 412 && (method === 'HEAD' || said.some(({ code }) => code === 'PROJECTPOLICYVIOLATION'))) return harborPolicy
  const denied = status === 403 ? said.find(({ code }) => code === 'DENIED') : undefined
  if (denied === undefined) return undefined
  if (/configured upper limit/.test(denied.message)) return harborQuota
  return /system is in read only mode/.test(denied.message) ? harborReadOnly : undefined
}
