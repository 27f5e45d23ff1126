import { TaskError } from '../base/errors.ts'
import { identityUnavailable } from '../host/errors.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

type Asked = Pick<Session, 'ports'> & { readonly host: Pick<Session['host'], 'name'> }

/**
 * Asks for the identity by which a step will sign or, on GitHub, tell who built, so that a run without one ends before anything is
 * built or sent. What may be there another time is asked for again by the step itself. @throws SW-IDENTITY-UNAVAILABLE
 */
export async function requireIdentity(steps: readonly Step[], session: Asked): Promise<void> {
  const signing = steps.find((step) => step.task.definition.writes.includes('signatures') && lacks(step, ['key', 'identity-token']))
  const telling = session.host.name === 'github' ? steps.find(isTellingWhoBuilt) : undefined
  const [step, otherwise] =
    signing === undefined
      ? [telling, 'or leave provenance out of `predicates` of `attest`']
      : [signing, `or give \`${signing.task.definition.name}\` a key`]
  if (step === undefined) return
  try {
    await session.ports(step.task.definition.name).identity.token('sigstore')
  } catch (error) {
    if (error instanceof TaskError && error.retryable) return
    if (!identityUnavailable.is(error)) throw error
    throw identityUnavailable(error.message, { hint: `${error.hint ?? 'give this run an identity'}, ${otherwise}`, cause: error })
  }
}

/** On GitHub any step can set variables: provenance has its facts from the claims of the job's token, whoever signs. */
function isTellingWhoBuilt(step: Step): boolean {
  const predicates = [step.inputs.get('predicates') ?? 'auto'].flat().join(' ')
  return (
    step.task.definition.writes.includes('attestations') && lacks(step, ['identity-token']) && /\b(?:auto|provenance)\b/.test(predicates)
  )
}

function lacks({ inputs }: Step, names: readonly string[]): boolean {
  return !names.some((name) => inputs.get(name))
}
