import type { Log } from '../../../spec/ports.ts'
import type { Repository } from '../../oci/registry.ts'
import { knownFormats } from './known-formats.ts'
import type { Signer } from './signer.ts'

/** What a signature is written as: a bundle, or a layer under a tag of cosign before version 3. */
export type Format = 'bundle' | 'legacy'

/** The values of the input `format`. */
export const formatChoices = ['auto', 'bundle', 'legacy', 'both'] as const

/** The formats to write at a registry: as asked for, or what its own checks know. */
export async function chosenFormats(
  repository: Repository,
  asked: (typeof formatChoices)[number],
  { signer, log }: { readonly signer: Signer; readonly log: Log },
): Promise<readonly Format[]> {
  const chosen = asked === 'auto' ? await knownFormats(repository) : asked
  if (chosen !== 'both') return [chosen]
  if (asked === 'both' || signer.legacy) return ['bundle', 'legacy']
  log.warn('this Harbor may know only the tags of cosign 2, which this key or this log of version 2 cannot be in', {
    registry: repository.registry,
  })
  return ['bundle']
}
