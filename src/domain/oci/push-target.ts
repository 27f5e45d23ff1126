import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { connectRegistry, type Registry, type RegistryPorts, type Repository } from './registry.ts'

/** What is said of where to push. */
export interface PushTarget {
  readonly image: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly plainHttp: boolean
  readonly chunkSize: number | undefined
}

/** Connects to where an image is pushed. */
export function pushTarget(
  { image, username, password, plainHttp, chunkSize }: PushTarget,
  ports: RegistryPorts,
): { registry: Registry; repository: Repository } {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, ports, { credential, plainHttp: plainHttp ? 'always' : 'auto', chunkSize })
  return { registry, repository: registry.repository(reference.repository).asPusher() }
}
