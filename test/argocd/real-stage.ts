import { setTimeout as wait } from 'node:timers/promises'
import { createRepository, type Repository } from '../../src/domain/git/fixtures/repository.ts'
import { kubectl } from '../real/cluster.ts'
import { until } from '../real/until.ts'
import { ask } from './ask.ts'
import { restart, signal } from './lab-processes.ts'
import type { Named, Stage } from './stage.ts'

let stages = 0

/** The lab's Argo CD 3.2, by what its environment names; `server` may be a proxy in front of it. */
export function realStage(environment: NodeJS.ProcessEnv, { server = environment['ARGOCD_SERVER'] ?? '' } = {}): Stage {
  const { ARGOCD_SERVER: direct = '', ARGOCD_ADMIN_TOKEN: admin = '', ARGOCD_CI_TOKEN: ci = '', KUBECONFIG = '' } = environment
  const repositories: Repository[] = []
  const prefix = `s${(stages++).toString(36)}-${process.pid.toString(36)}`
  let frozen = false
  const thaw = async (): Promise<void> => {
    if (frozen) signal(KUBECONFIG, 'argocd-application-controller', 'SIGCONT')
    frozen = false
  }
  return {
    ...{ kind: 'real', server, admin, ci, thaw },
    name: (title) => `${prefix}-${title}`,
    repository(files) {
      const repository = createRepository({ files })
      repositories.push(repository)
      return repository
    },
    wait: (milliseconds) => wait(milliseconds),
    ask: (path, asking = {}) => ask(direct, path, { token: admin, ...asking }),
    setStatus: (object, status) => patch(object, { status }, object.namespace === 'argocd' ? [] : ['--subresource=status']),
    change: (object, part) => patch(object, part),
    createNamespace: async (name) => void (await kubectl(['create', 'namespace', name])),
    async freeze() {
      frozen = true
      signal(KUBECONFIG, 'argocd-application-controller', 'SIGSTOP')
    },
    async restart(after) {
      await restart(KUBECONFIG, 'argocd-server', after)
      await until('Argo CD answers', async () => (await fetch(`${direct}/healthz`)).ok)
    },
    async [Symbol.asyncDispose]() {
      await thaw()
      await removeAll(direct, { prefix, admin })
      for (const repository of repositories) repository[Symbol.dispose]()
    },
  }
}

async function patch({ kind, namespace, name }: Named, part: object, flags: readonly string[] = []): Promise<void> {
  await kubectl(['-n', namespace, 'patch', kind, name, '--type=merge', ...flags, '-p', JSON.stringify(part)])
}

/** Applications go without what they made: nobody waits for it, and the next scene has names of its own. */
async function removeAll(server: string, { prefix, admin }: { prefix: string; admin: string }): Promise<void> {
  const { body } = await ask(server, '/applications?fields=items.metadata.name', { token: admin })
  const names: string[] = (Object(body).items ?? []).map((item: { metadata: { name: string } }) => item.metadata.name)
  const own = names.filter((name) => name.startsWith(prefix))
  await Promise.all(own.map((name) => ask(server, `/applications/${name}?cascade=false`, { method: 'DELETE', token: admin })))
}
