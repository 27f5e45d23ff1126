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
