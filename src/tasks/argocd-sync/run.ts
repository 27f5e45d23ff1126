import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { openAncestry } from '../../domain/argocd/ancestry.ts'
import type { ApplicationId } from '../../domain/argocd/applications.ts'
import type { Argo } from '../../domain/argocd/client.ts'
import { type ArgoSettings, openArgo } from '../../domain/argocd/connection.ts'
import type { Followed } from '../../domain/argocd/follow.ts'
import { followAll } from '../../domain/argocd/follow-all.ts'
import { listen } from '../../domain/argocd/hints.ts'
import { gatheredLook } from '../../domain/argocd/look.ts'
import { selectApplications } from '../../domain/argocd/select.ts'
import type { Surroundings } from '../../domain/argocd/surroundings.ts'
import { parseAddress } from '../../domain/git/address.ts'
import { credentialsFor } from '../../domain/git/credentials.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { errorOf, liveOf, urlOf, worstHealth, worstOf } from './outcome.ts'
import type { task as definition } from './task.ts'
import { task } from './task.ts'
import { syncSettingsOf, wishOf } from './wishes.ts'

type Input = InputOf<typeof definition>
type Ports = Context<'gitops'>

export const run = implement(task, async (input, context) => {
  const until = context.clock.now() + input.timeout
  const argo = await openArgo(settingsOf(input, context), context)
  const ids = await selectApplications(argo, { names: input.apps ?? [], ...choiceOf(input) })
  const over = new AbortController()
  const doing = new Map<string, string>()
  const nonce = randomUUID()
  try {
    const around = await surroundingsOf(input, context, { argo, ids, doing, signal: AbortSignal.any([over.signal, context.signal]) })
    const all = await followAll(ids, {
      ...{ until, around, recurse: input.recurse, settings: syncSettingsOf(input, context.source) },
      wishFor: (app) => wishOf(input, app, { nonce, until }),
    })
    return resultOf(all, { argo, input, context, doing })
  } finally {
    over.abort()
  }
})

function choiceOf({ selector, projects, appNamespace: namespace }: Input) {
  return { selector, projects: projects.length === 0 ? undefined : projects, namespace }
}

function settingsOf(input: Input, { files }: Ports): ArgoSettings {
  const { server, connector, audience, token, username, password, headers } = input
  const at = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(files.workspace, path))
  return {
    ...{ server, connector, audience, token, username, password, headers: headers?.split('\n').filter((line) => line.trim() !== '') },
    ...{ tokenFile: at(input.tokenFile), ca: at(input.ca), certificate: at(input.certificate), key: at(input.key) },
  }
}

interface Shared {
  readonly argo: Argo
  readonly ids: readonly ApplicationId[]
  readonly doing: Map<string, string>
  readonly signal: AbortSignal
}

async function surroundingsOf(input: Input, context: Ports, { argo, ids, doing, signal }: Shared): Promise<Surroundings> {
  const { clock, progress, log } = context
  const choice = choiceOf(input)
  const [only, another] = ids
  const watched = another === undefined && only !== undefined ? { name: only.name, namespace: only.namespace } : choice
  const { rest } = listen(argo, watched, { clock, signal })
  const { repository } = input
  const { SSH_AUTH_SOCK, GIT_SSH_COMMAND } = context.environment
  const credentials =
    repository === undefined
      ? undefined
      : credentialsFor({ username: input.gitUsername, password: input.gitPassword }, parseAddress(repository), log)
  const folder = await context.files.temporary('argocd')
  return {
    ...{ argo, clock, rest },
    look: input.selector === undefined ? undefined : gatheredLook(argo, choice, { clock, timeout: 20_000 }),
    relate: openAncestry({ folder, repository, credentials, ssh: { SSH_AUTH_SOCK, GIT_SSH_COMMAND } }, context),
    tell: (id, saying) => {
      if (doing.get(id.name) === saying) return
      doing.set(id.name, saying)
      log.debug('next', { application: id.name, doing: saying })
      progress.doing(ids.length === 1 ? saying : `${id.name}: ${saying}`)
    },
  }
}

interface End {
  readonly argo: Argo
  readonly input: Input
  readonly context: Ports
  readonly doing: ReadonlyMap<string, string>
}

function resultOf(all: readonly Followed[], { argo, input, context, doing }: End) {
  const worst = worstOf(all)
  const [first = worst] = all
  const failed = all.filter((one) => errorOf(one, { doing: undefined, others: 0 }) !== undefined)
  const failure = errorOf(worst, { doing: doing.get(worst.id.name), others: Math.max(failed.length - 1, 0) })
  const revision = liveOf(first)[0] ?? ''
  const health = worstHealth(all)
  const url = urlOf(argo.server, worst)
  const digest = context.record.gitops?.digest
  const deployment = {
    ...{ application: first.id.name, revision: input.revision ?? revision, health, result: worst.result, url },
    ...(digest === undefined ? {} : { digest }),
    applications: all.map((one) => ({
      ...{ name: one.id.name, ...(one.app === undefined ? {} : { project: one.app.project, namespace: one.app.namespace }) },
      ...{ revisions: [...liveOf(one)], health: one.app?.health.status ?? '', result: one.result, url: urlOf(argo.server, one) },
    })),
  }
  return {
    outputs: { result: worst.result, revision, health, url },
    record: { deployment },
    headline: `${all.length === 1 ? first.id.name : `${all.length} applications`} · ${worst.result} · ${revision.slice(0, 12)} · ${health}`,
    ...(failure === undefined ? {} : { failure }),
  }
}
