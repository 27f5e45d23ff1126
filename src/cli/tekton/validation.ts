import { usage } from '../errors.ts'
import type { Runnable } from './resource.ts'

/** `$(params.x)`, `$(params["x"])`, `$(params['x'])`, each with an index or a star behind it. */
const reference = /\$\(params(?:\.([\w.-]+)|\["([^"]+)"\]|\['([^']+)'\])(?:\[(\*|\d+)\])?\)/g

/**
 * Refuses what is left of parameters once they are in their places, as the controller does before it makes a pod: a name that the
 * Task does not have, and an array where one text stands. `place` is as in its message: `steps[0].env[INPUT_STATUS]`.
 * @throws SW-USAGE
 */
export function refuseReferences(text: string, { params }: Pick<Runnable, 'params'>, place: string): void {
  for (const [whole, dotted, double, single, index] of text.matchAll(reference)) {
    const param = params.find(({ name }) => name === (dotted ?? double ?? single))
    if (param === undefined) throw refused('non-existent variable', text, place)
    const isAlone = whole === text && !place.includes('.env[')
    if (param.type === 'array' && (index === undefined || index === '*') && !isAlone) throw refused('variable type invalid', text, place)
  }
}

function refused(what: string, text: string, place: string): Error {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return usage(`Tekton makes no pod: ${what} in ${JSON.stringify(shown)}: ${place}.`, {
    hint: 'a value cannot hold $(params.…) of a parameter that the Task does not have; nothing escapes it',
  })
}
