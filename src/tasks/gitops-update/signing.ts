import { keylessSigning } from '../../domain/gitops/keyless/sign-keyless.ts'
import { gpgSigning } from '../../domain/gitops/sign-gpg.ts'
import { sshSigning } from '../../domain/gitops/sign-ssh.ts'
import type { Signing } from '../../domain/gitops/signing.ts'
import { servicesOf } from '../../domain/sigstore/sign/choose-signer.ts'
import { runToken } from '../../domain/sigstore/sign/run-token.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** How long Fulcio and Rekor are asked again, in milliseconds. */
const patience = 60_000

/** What signs the commit, in a folder of its own; none: it is not signed. @throws SW-GITOPS-SIGNING and the errors of Sigstore's services */
export async function signingFor(input: Input, folder: string, context: Context<never>): Promise<Signing | undefined> {
  const { signingKey: key, signingPassphrase: passphrase } = input
  if (input.keyless === true) return byIdentity(input, context)
  if (key === undefined) return undefined
  const { process } = context
  return key.includes('BEGIN PGP PRIVATE KEY BLOCK') ? gpgSigning({ key, passphrase }, folder, process) : sshSigning(key, folder, process)
}

async function byIdentity(input: Input, context: Context<never>): Promise<Signing> {
  const { http, clock } = context
  const token = runToken(input, context)
  const services = await servicesOf({ ...input, key: undefined, transparencyLog: true, rekorVersion: '1' }, context, token)
  return keylessSigning({ services, token, ports: { http, now: () => clock.now(), patience } })
}
