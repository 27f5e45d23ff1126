import type { Log } from '../../../spec/ports.ts'
import type { Repository } from '../../oci/registry.ts'
import type { formatChoices } from './format-choices.ts'
import { knownFormats } from './known-formats.ts'
import type { Signer } from './signer.ts'
import type { Witnesses } from './witnesses.ts'

/** What a signature is written as: a bundle, or a layer under a tag of cosign before version 3. */
export type Format = 'bundle' | 'legacy'

type Asked = (typeof formatChoices)[number]

/** The formats to write at a registry: as asked for, or what its own checks know. Throws as {@link requireFormat}. */
export async function chosenFormats(
  repository: Repository,
  asked: Asked,
  { signer, log }: { readonly signer: Signer; readonly log: Log },
): Promise<readonly Format[]> {
  requireFormat(asked, signer)
  const chosen = asked === 'auto' ? await knownFormats(repository) : asked
  if (chosen !== 'both') return [chosen]
  if (asked === 'both' || signer.legacy) return ['bundle', 'legacy']
  log.warn('this Harbor may know only the tags of cosign 2, which this key or this log of version 2 cannot be in', {
    registry: repository.registry,
  })
  return ['bundle']
}

/** Refuses a format that was asked for and cannot be made, before half of it is written. Throws SW-SIGNING-CONFIG, SW-KMS-KEY-UNSUITABLE. */
export function requireFormat(asked: Asked, { notLegacy }: Pick<Signer | Witnesses, 'notLegacy'>): void {
  if ((asked === 'legacy' || asked === 'both') && notLegacy !== undefined) throw notLegacy
}
