import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { kubectl } from './cluster.ts'
import { freeAddress } from './docker-registry.ts'
import { until } from './until.ts'

const namespace = 'tekton-pipelines-resolvers'

interface Leases {
  readonly items: readonly { readonly metadata: { readonly name: string }; readonly spec: { readonly holderIdentity?: string } }[]
}

/**
 * Tekton's own resolvers, which the lab builds and configures but does not start: bundles, git, http, cluster and hub.
 * They lead as soon as a lease of others that were here before has ended.
 */
export async function startResolvers(): Promise<AsyncDisposable> {
  const cache = process.env['SLIPWAY_LAB_CACHE'] ?? join(homedir(), '.cache', 'slipway-lab')
  const child = spawn(join(cache, 'bin', 'tekton', 'tekton-resolvers'), ['-kubeconfig', process.env['KUBECONFIG'] ?? ''], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      KUBECONFIG: process.env['KUBECONFIG'],
      SYSTEM_NAMESPACE: namespace,
      KUBERNETES_MIN_VERSION: 'v1.28.0',
      CONFIG_FEATURE_FLAGS_NAME: 'feature-flags',
      CONFIG_LEADERELECTION_NAME: 'config-leader-election-resolvers',
      CONFIG_LOGGING_NAME: 'config-logging',
      CONFIG_OBSERVABILITY_NAME: 'config-observability',
      METRICS_DOMAIN: 'tekton.dev/resolution',
      METRICS_PROMETHEUS_HOST: '127.0.0.1',
      METRICS_PROMETHEUS_PORT: await freePort(),
      PROBES_PORT: await freePort(),
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const exited = once(child, 'exit')
  const ended = exited.then(([code]) => Promise.reject(new Error(`the resolvers ended with ${code} before they led`)))
  await Promise.race([until('all five resolvers lead', areLed), ended])
  ended.catch(() => undefined)
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function areLed(): Promise<boolean> {
  const { items }: Leases = JSON.parse(await kubectl(['-n', namespace, 'get', 'leases', '-o', 'json']))
  const led = items.filter(({ metadata, spec }) => metadata.name.startsWith('controller.') && spec.holderIdentity)
  return led.length >= 5
}

async function freePort(): Promise<string> {
  return (await freeAddress()).split(':')[1] ?? ''
}
