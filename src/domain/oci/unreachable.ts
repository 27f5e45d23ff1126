import { TaskError } from '../../base/errors.ts'
import { httpStatus, httpTimeout, httpTruncated, httpUnreachable } from '../../io/errors.ts'
import { registryUnreachable } from './errors.ts'

const absences = [httpUnreachable, httpTimeout, httpTruncated, httpStatus]

/** What stands for an error of the transport: SW-REGISTRY-UNREACHABLE, when it is one that says no more than that. */
export function unreachable(cause: unknown, what: string): unknown {
  if (!(cause instanceof TaskError) || !absences.some((kind) => kind.is(cause))) return cause
  return registryUnreachable(`${what}: ${cause.message}`, { cause, retryable: cause.retryable, hint: cause.hint })
}
