import { inputsInvalid } from '../../spec/errors.ts'
import { boolean, choice } from '../../spec/kinds.ts'

/** Inputs by which a task asks a Harbor beforehand. */
export const preflightInputs = {
  preflight: choice(['auto', 'warn', 'off'], {
    default: 'auto',
    summary:
      'Whether a Harbor is asked beforehand: login, rights, project, quota, immutable tags, read-only mode. auto: what it would refuse ends the run, with all faults at once. warn: it is told, and the run goes on. Another registry is not asked.',
  }),
  createProject: boolean({
    default: false,
    summary:
      'Make the project, private, where the Harbor has none and nothing else is amiss. The account needs `project:create` of the system. Not with `preflight: off`.',
  }),
} as const

/** Throws SW-INPUT-INVALID for a project that is to be made by a question that is not to be asked. */
export function requireAsked({ preflight, createProject }: { readonly preflight: string; readonly createProject: boolean }): void {
  if (preflight !== 'off' || !createProject) return
  throw inputsInvalid('create-project is set and preflight is off, which makes no project.', {
    hint: 'preflight: auto, or leave create-project out',
    safe: 'nothing was pushed',
  })
}
