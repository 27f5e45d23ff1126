import { readText } from '../../../io/files.ts'
import type { Secrets } from '../../../spec/ports.ts'
import { argocdLogin } from '../errors.ts'
import { type ArgoTokens, fetchedToken } from './tokens.ts'

const mostBytes = 64 * 1024

/**
 * A token in a file: a secret that is mounted, or a projected token of a service account. It is read again when the server refuses it:
 * the kubelet writes another one before the first is void. Throws SW-FILE-*, SW-ARGOCD-LOGIN.
 */
export function tokenFile(path: string, secrets: Secrets): ArgoTokens {
  return fetchedToken(async () => {
    const token = (await readText(path, mostBytes)).trim()
    if (token === '' || /\s/.test(token))
      throw argocdLogin(`${path} holds ${token === '' ? 'nothing' : 'more than one word'}, expected a token.`)
    secrets.mask(token)
    return token
  }, `the token in ${path}`)
}
