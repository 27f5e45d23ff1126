import type { Digest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { Repository } from '../oci/registry.ts'
import { harborOf, patience } from './at-registry.ts'
import { harborDenied, harborUnseen } from './errors.ts'
import { readAccessories } from './images.ts'
import { splitRepository } from './paths.ts'
import { projectIfSeen } from './projects.ts'
import type { HarborAccessory } from './schema.ts'

/** What was attached to a manifest: the manifest that carries it. */
export interface AttachedTo {
  readonly subject: Digest
  readonly digest: Digest
}

/** The type by which Harbor knows a signature of cosign; its content trust asks for one, whatever is in it. */
const cosignType = 'signature.cosign'

/**
 * Reads back from a Harbor's API that it shows a signature at each manifest that was signed: its content trust holds an image back that
 * it shows none at, wherever the registry itself lists it. Throws SW-HARBOR-UNSEEN where the project wants one, else warns. Another
 * registry is not asked, and an account that may not see it is told so.
 */
export async function requireSeen(repository: Repository, signed: readonly AttachedTo[]): Promise<void> {
  const seen = await seenAt(repository, signed)
  if (seen === undefined) return
  const unseen = [...seen.listed].filter(([, all]) => !all.some(({ type }) => type === cosignType)).map(([subject]) => subject)
  if (unseen.length === 0) return
  const message = `Harbor at ${repository.registry} shows no signature of cosign at ${unseen.join(', ')} of ${repository.name}.`
  if (seen.wantsCosign) throw harborUnseen(message, { hint: 'format: both', safe: 'the signature is at the registry' })
  repository.log.warn('Harbor does not show the signature; before 2.15 it knows the tag .sig only: format: both', {
    image: repository.name,
    digests: unseen.join(', '),
  })
}

/** The same for what is no signature, and wanted by no policy of Harbor's: what it does not show is told. */
export async function tellUnseen(repository: Repository, attached: readonly AttachedTo[]): Promise<void> {
  const seen = await seenAt(repository, attached)
  const unseen = attached.filter(({ subject, digest }) => seen?.listed.get(subject)?.some((one) => one.digest === digest) === false)
  for (const { subject, digest } of unseen)
    repository.log.warn('Harbor does not show the attestation', { image: `${repository.name}@${subject}`, attestation: digest })
}

interface Seen {
  /** What Harbor lists at each subject. */
  readonly listed: ReadonlyMap<Digest, readonly HarborAccessory[]>
  /** Whether its content trust is on; false where the account may not know. */
  readonly wantsCosign: boolean
}

/** Undefined where it is no Harbor, or does not tell. What was written is at the registry: none of this undoes it. */
async function seenAt(repository: Repository, attached: readonly AttachedTo[]): Promise<Seen | undefined> {
  const place = splitRepository(repository.path)
  if (attached.length === 0 || place === undefined) return undefined
  try {
    const harbor = await harborOf(repository, patience)
    if (harbor === undefined) return undefined
    const listed = new Map<Digest, readonly HarborAccessory[]>()
    for (const subject of new Set(attached.map((one) => one.subject)))
      listed.set(subject, await readAccessories(harbor, { repository: place, digest: subject }))
    return { listed, wantsCosign: (await projectIfSeen(harbor, place.project))?.wantsCosign === true }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    if (harborDenied.is(error))
      repository.log.info('Harbor does not tell this account what it shows: accessory:list', { image: repository.name })
    else repository.log.warn('Harbor could not be asked what it shows', { image: repository.name, code: error.code, reason: error.message })
    return undefined
  }
}
