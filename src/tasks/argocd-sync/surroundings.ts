import { openAncestry } from '../../domain/argocd/ancestry.ts'
import type { ApplicationId } from '../../domain/argocd/applications.ts'
import type { Argo } from '../../domain/argocd/client.ts'
import { listen } from '../../domain/argocd/hints.ts'
import { gatheredLook } from '../../domain/argocd/look.ts'
import type { Surroundings } from '../../domain/argocd/surroundings.ts'
import { parseAddress } from '../../domain/git/address.ts'
import { credentialsFor } from '../../domain/git/credentials.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { choiceOf } from './connection.ts'
import { shown } from './outcome.ts'
import { showResources } from './resources.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

export interface Shared {
  readonly argo: Argo
  readonly ids: readonly ApplicationId[]
  /** What each application waits for, by name: written here. */
  readonly doing: Map<string, string>
  readonly signal: AbortSignal
}

/** How applications are looked at, compared and told of. */
export async function surroundingsOf(
  input: Input,
  context: Context<'gitops'>,
  { argo, ids, doing, signal }: Shared,
): Promise<Surroundings> {
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
  const show = showResources(argo, ids.length, { clock, log, signal })
  return {
    ...{ argo, clock, rest },
    look: input.selector === undefined ? undefined : gatheredLook(argo, choice, { clock, timeout: 20_000 }),
    relate: openAncestry({ folder, repository, credentials, ssh: { SSH_AUTH_SOCK, GIT_SSH_COMMAND } }, context),
    tell: (id, words) => {
      const saying = shown(words)
      show(id)
      if (doing.get(id.name) === saying) return
      doing.set(id.name, saying)
      log.debug('next', { application: id.name, doing: saying })
      progress.doing(ids.length === 1 ? saying : `${id.name}: ${saying}`)
    },
  }
}
