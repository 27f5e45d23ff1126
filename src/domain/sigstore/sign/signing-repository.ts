import { repositoryScope } from '../../oci/auth/scope.ts'
import type { Repository } from '../../oci/registry.ts'

/**
 * A repository as a signer sees it. Harbor with content trust or a limit on vulnerabilities lets nobody read an image that is not signed
 * yet, but who may push and says `cosign` in its User-Agent (Harbor, middleware/util SkipPolicyChecking).
 */
export function signingRepository(repository: Repository): Repository {
  const scopes = [repositoryScope(repository.path, 'pull', 'push')]
  const agent = { 'user-agent': 'slipway (cosign-compatible)' }
  return { ...repository, send: (request) => repository.send({ ...request, scopes, headers: { ...request.headers, ...agent } }) }
}
