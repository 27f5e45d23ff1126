import { ecrRegistry } from './auth/aws/registry.ts'
import { chunksUnsupported } from './errors.ts'

/** Whether a registry keeps what it gets in several requests. Amazon's keeps the first and says that all is well (containers-roadmap#2831). */
export function takesChunks(registry: string): boolean {
  return ecrRegistry(registry) === undefined
}

/** Throws SW-REGISTRY-CHUNKS for a registry that cannot do with chunks. */
export function requireChunks(registry: string): void {
  if (takesChunks(registry)) return
  throw chunksUnsupported(`A chunk size is set for ${registry}, and Amazon ECR keeps only the first chunk of a blob.`, {
    safe: 'nothing was sent',
  })
}
