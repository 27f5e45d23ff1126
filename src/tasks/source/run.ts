import { type Address, parseAddress } from '../../domain/git/address.ts'
import { checkOut } from '../../domain/git/checkout.ts'
import { credentialsFor } from '../../domain/git/credentials.ts'
import { refInvalid } from '../../domain/git/errors.ts'
import { isCommitHash, parseRef } from '../../domain/git/ref.ts'
import type { CheckedOut } from '../../domain/git/request.ts'
import { resolveInside } from '../../io/files.ts'
import { implement } from '../../spec/define.ts'
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
      credentials: credentialsFor(input, address, context.log),
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
