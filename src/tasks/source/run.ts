import { type Address, parseAddress } from '../../domain/git/address.ts'
import { checkOut } from '../../domain/git/checkout.ts'
import type { Credentials } from '../../domain/git/environment.ts'
import { refInvalid, repositoryInvalid } from '../../domain/git/errors.ts'
import { isCommitHash, parseRef } from '../../domain/git/ref.ts'
import type { CheckedOut } from '../../domain/git/request.ts'
import { resolveInside } from '../../io/files.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  const { files, environment } = context
  const address = parseAddress(input.repository)
  const ref = parseRef(input.ref)
  if (input.commit !== undefined && !isCommitHash(input.commit))
    throw refInvalid(`commit is ${JSON.stringify(input.commit.slice(0, 300))}, expected the full hash of a commit.`)
  const checkedOut = await checkOut(
    {
      folder: await resolveInside(files.workspace, input.path),
      state: await resolveInside(files.workspace, files.state),
      address,
      ref,
      commit: input.commit,
      depth: input.depth,
      submodules: input.submodules,
      credentials: credentialsOf(input, address, context),
      ssh: { SSH_AUTH_SOCK: environment['SSH_AUTH_SOCK'], GIT_SSH_COMMAND: environment['GIT_SSH_COMMAND'] },
    },
    context,
  )
  const { commit, tree, ref: name } = checkedOut
  return {
    outputs: { commit, tree, url: address.url },
    record: { source: { url: address.url, commit, tree, ...(name === undefined ? {} : { ref: name }) } },
    headline: `${name?.replace(/^refs\/(?:heads|tags)\//, '') ?? 'detached'} · ${commit.slice(0, 12)}`,
    summary: summarise(checkedOut, address),
  }
})

function credentialsOf(
  { username, password }: InputOf<typeof task>,
  { url, scheme }: Address,
  { log }: Context<never>,
): Credentials | undefined {
  if (password === undefined) return undefined
  if (scheme !== 'https' && scheme !== 'http')
    throw repositoryInvalid(`A password was given, and ${url} takes none: it is for https.`, {
      hint: 'Leave `password` out, or use the https address.',
    })
  if (scheme === 'http') log.warn('the password goes to the server without TLS', { repository: url })
  return { username, password }
}

function summarise({ commit, tree, ref, submodules }: CheckedOut, { url }: Address): readonly Block[] {
  const rows = [
    ['repository', url],
    ...(ref === undefined ? [] : [['ref', ref]]),
    ['commit', commit],
    ['tree', tree],
    ...submodules.map((one) => [`submodule ${one.path}`, `${one.commit} of ${one.url}`]),
  ]
  return [{ kind: 'table', columns: ['', ''], rows }]
}
