import type { TaskError } from '../base/errors.ts'
import { nodeTooOld } from './errors.ts'

/** The first major version of Node that has all that the bundle calls; what GitHub calls `node24`. */
const oldest = 24

/** What to tell where Node is older than that: everything would begin, and fail somewhere as if by a mistake of ours. */
export function nodeFault(version: string): TaskError | undefined {
  return Number.parseInt(version, 10) < oldest ? nodeTooOld(`This is Node ${version}, expected ${oldest} or newer.`) : undefined
}
