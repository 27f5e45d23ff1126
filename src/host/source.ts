import type { Source } from '../spec/ports.ts'
import type { Environment } from './process-environment.ts'

/** The facts about the source that a pipeline hands over in variables of our own. */
export function declaredSource(environment: Environment): Source {
  const fact = (name: string): string | undefined => environment[`SLIPWAY_SOURCE_${name}`] || undefined
  return { repository: fact('REPOSITORY'), commit: fact('COMMIT'), ref: fact('REF'), actor: fact('ACTOR'), runUrl: fact('RUN_URL') }
}
