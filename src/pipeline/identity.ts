import { TaskError } from '../base/errors.ts'
import { identityUnavailable } from '../host/errors.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

/** What signs without one of these signs by the identity of the run. */
const others = ['key', 'identity-token'] as const

/**
 * Asks for the identity by which a step will sign, so that a run without one ends before anything is built or sent. What may be
 * there another time is asked for again by the step itself. @throws SW-IDENTITY-UNAVAILABLE
 */
export async function requireIdentity(steps: readonly Step[], session: Pick<Session, 'ports'>): Promise<void> {
  const signing = steps.find(
    ({ task, inputs }) => task.definition.writes.includes('signatures') && !others.some((name) => inputs.get(name)),
  )
  if (signing === undefined) return
  try {
    await session.ports(signing.task.definition.name).identity.token('sigstore')
  } catch (error) {
    if (error instanceof TaskError && error.retryable) return
    if (!identityUnavailable.is(error)) throw error
    throw identityUnavailable(error.message, { hint: `${error.hint ?? 'give this run an identity'}, or give \`sign\` a key`, cause: error })
  }
}
