import { forgeOf } from '../../domain/forge/address.ts'
import { forgeDenied } from '../../domain/forge/errors.ts'
import type { Forge } from '../../domain/forge/forge.ts'
import { openForge } from '../../domain/forge/open-forge.ts'
import type { Address } from '../../domain/git/address.ts'
import type { Proposed } from '../../domain/gitops/proposal.ts'
import { propose } from '../../domain/gitops/propose.ts'
import type { Publication, Published } from '../../domain/gitops/publication.ts'
import { publish } from '../../domain/gitops/publish.ts'
import { byApi } from '../../domain/gitops/send.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { safe } from './safe.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** Onto the branch by a push or by the forge, or into a pull request: as `mode` says. */
export async function published(
  publication: Publication,
  { input, context }: { readonly input: Input; readonly context: Context<never> },
): Promise<Published | Proposed> {
  const { address } = publication.git
  if (input.mode === 'push') return publish(publication, context)
  const forge = forgeFor(address, input, context)
  if (input.mode === 'api') return publish(publication, context, byApi(forge))
  const autoMerge = input.autoMerge === 'off' ? undefined : input.autoMerge
  return propose({ ...publication, head: input.head, labels: input.labels, reviewers: input.reviewers, autoMerge }, context, forge)
}

function forgeFor(address: Address, input: Input, { http, clock, log }: Context<never>): Forge {
  const kind = input.forge === 'auto' ? undefined : input.forge
  const at = forgeOf(address, { kind, api: input.forgeUrl })
  const token = input.forgeToken ?? input.password
  if (token === undefined)
    throw forgeDenied(`No token is given for the API at ${at.api}.`, {
      hint: 'Set `password`, or `forge-token` where git uses another account.',
      safe,
    })
  if (at.api.startsWith('http:')) log.warn('the token goes to the API without TLS', { api: at.api })
  return openForge(at, token, { http, clock })
}
