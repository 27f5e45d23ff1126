import type { Digest } from '../../../base/digest.ts'
import { isReferenceFault, parseReference } from '../../../base/reference.ts'
import type { Ports } from '../../../spec/ports.ts'
import type { Sections } from '../../../spec/record/record.ts'
import { connectRegistry, type Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { signUnpinned } from './errors.ts'
import { subjectsOf } from './subjects.ts'

/** The values of the inputs that say what is signed, and as whom the registry is asked. */
export interface TargetChoice {
  readonly image?: string | undefined
  /** Of what to sign, where `image` has none. */
  readonly digest?: Digest | undefined
  /** Whether each platform of an index is signed too. */
  readonly recursive: boolean
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly plainHttp: boolean
}

export interface Target {
  readonly registry: string
  readonly repository: string
  readonly digest: Digest
}

/** A repository with what is to be signed there. */
export interface Place {
  readonly repository: Repository
  readonly subjects: readonly Descriptor[]
}

/** What `image` names, or wherever the record says that the image was pushed to. Throws SW-SIGN-UNPINNED. */
export function targetsOf({ image, digest }: TargetChoice, pushes: Sections['pushes'] = []): readonly Target[] {
  const wanted = image === undefined ? pushes.filter((push) => push.digest === digest).map((push) => push.image) : [image]
  if (wanted.length === 0)
    throw signUnpinned('`image` is not set, and the record names no push of this image.', { safe: 'nothing was sent' })
  return wanted.map((text) => {
    const reference = parseReference(text)
    if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${text}" pass, which ${reference.error}`)
    const { registry, repository, tag } = reference
    const pinned = reference.digest ?? (tag === undefined ? digest : undefined)
    if (pinned !== undefined) return { registry, repository, digest: pinned }
    throw signUnpinned(`image is ${text}, which has no digest${tag === undefined ? ', and `digest` is not set' : ''}.`, {
      hint: `image: ${registry}/${repository}@sha256:…`,
      safe: 'nothing was sent',
    })
  })
}

/** The manifests that are to be signed, read at their registry. Throws SW-MANIFEST-MISSING, SW-REGISTRY-…. */
export async function readPlace(target: Target, choice: TargetChoice, ports: Ports): Promise<Place> {
  const { username, password, plainHttp, recursive } = choice
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(target.registry, ports, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  const repository = registry.repository(target.repository).asPusher()
  return { repository, subjects: await subjectsOf(repository, target.digest, recursive) }
}
