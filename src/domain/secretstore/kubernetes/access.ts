import { readText } from '../../../io/file-read.ts'
import { secretStoreUnknown } from '../errors.ts'
import type { KubernetesAccess } from './api.ts'

export interface KubernetesGiven {
  readonly server?: string | undefined
  readonly token?: string | undefined
  /** File with the PEM of the authority. */
  readonly ca?: string | undefined
}

/** Where kubelet puts the token of a pod's service account. */
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'
const small = 64 * 1024

/** The API server that was named, or the one that this pod belongs to. Throws SW-SECRET-STORE-UNKNOWN. */
export async function kubernetesAccess(
  { server, token, ca }: KubernetesGiven,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string = accountFolder,
): Promise<KubernetesAccess> {
  const authority = ca === undefined ? undefined : await readText(ca, small)
  if (server !== undefined && token !== undefined) return { server: server.replace(/\/+$/, ''), token: async () => token, ca: authority }
  // A pod's token is for its own API server, and goes nowhere else.
  if (server !== undefined) throw secretStoreUnknown(`No token was given for Kubernetes at ${server}.`, { hint })
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (host === '') throw secretStoreUnknown('No API server of Kubernetes was given, and this run is in no pod.', { hint })
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: async () => token ?? (await readText(`${folder}/token`, small)).trim(),
    ca: authority ?? (await readText(`${folder}/ca.crt`, small)),
  }
}

const hint = 'Set kube-server, kube-token and kube-ca, or run in the cluster.'
