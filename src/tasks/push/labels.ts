import { TaskError } from '../../base/errors.ts'
import { requiredHarborOf } from '../../domain/harbor/at-registry.ts'
import { addLabels } from '../../domain/harbor/labels.ts'
import { splitRepository } from '../../domain/harbor/paths.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { InputOf } from '../../spec/define.ts'
import { inputsInvalid } from '../../spec/errors.ts'
import type { Block } from '../../spec/ports.ts'
import type { task } from './task.ts'

/** What came of the labels. The push itself is done and stays in the record, whatever Harbor says of them. */
interface Marked {
  readonly summary: readonly Block[]
  readonly failure?: TaskError
}

/**
 * What marks the image, once it is there, with the labels that are asked for; undefined where none is. Throws SW-INPUT-INVALID at another
 * registry, and the errors of HTTP at one that does not say what it is: asked before anything is pushed.
 */
export async function labelsAt(
  repository: Repository,
  { harborLabels, digest }: InputOf<typeof task>,
): Promise<(() => Promise<Marked>) | undefined> {
  if (harborLabels.length === 0) return undefined
  const [harbor, place] = [await requiredHarborOf(repository), splitRepository(repository.path)]
  if (harbor === undefined || place === undefined)
    throw inputsInvalid(`harbor-labels: ${repository.registry} does not answer as a Harbor, which alone has labels.`, {
      hint: 'leave harbor-labels out, or try again where it is one',
      safe: 'nothing was pushed',
    })
  return async () => {
    try {
      await addLabels(harbor, { repository: place, digest }, harborLabels)
      return { summary: [{ kind: 'text', text: `Labels: ${harborLabels.join(', ')}` }] }
    } catch (failure) {
      if (!(failure instanceof TaskError)) throw failure
      return { summary: [], failure }
    }
  }
}
