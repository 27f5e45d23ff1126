import { gpgSigning } from '../../domain/gitops/sign-gpg.ts'
import { sshSigning } from '../../domain/gitops/sign-ssh.ts'
import type { Signing } from '../../domain/gitops/signing.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What signs the commit, in a folder of its own; none: it is not signed. @throws SW-GITOPS-SIGNING */
export async function signingFor(input: Input, folder: string, { process }: Context<never>): Promise<Signing | undefined> {
  const { signingKey: key, signingPassphrase: passphrase } = input
  if (key === undefined) return undefined
  return key.includes('BEGIN PGP PRIVATE KEY BLOCK') ? gpgSigning({ key, passphrase }, folder, process) : sshSigning(key, folder, process)
}
