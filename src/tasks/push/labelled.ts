import { harborOf } from '../../domain/harbor/at-registry.ts'
import { addLabels } from '../../domain/harbor/labels.ts'
import { splitRepository } from '../../domain/harbor/paths.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { InputOf } from '../../spec/define.ts'
import { inputsInvalid } from '../../spec/errors.ts'
import type { Block } from '../../spec/ports.ts'
import type { task } from './task.ts'

/** Marks the image with the labels that are asked for; what to show of it. Throws SW-INPUT-INVALID at another registry, and Harbor's errors. */
export async function labelledAt(repository: Repository, { harborLabels, digest }: InputOf<typeof task>): Promise<readonly Block[]> {
  if (harborLabels.length === 0) return []
  const [harbor, place] = [await harborOf(repository), splitRepository(repository.path)]
  if (harbor === undefined || place === undefined)
    throw inputsInvalid(`harbor-labels: ${repository.registry} is no Harbor, which alone has labels.`, {
      hint: 'leave harbor-labels out',
      safe: 'the image is pushed',
    })
  await addLabels(harbor, { repository: place, digest }, harborLabels)
  return [{ kind: 'text', text: `Labels: ${harborLabels.join(', ')}` }]
}
