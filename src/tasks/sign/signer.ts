import { resolve } from 'node:path'
import { loadSigningKey } from '../../domain/sigstore/keys/key-reference.ts'
import type { ServicePorts } from '../../domain/sigstore/services/ask.ts'
import { chooseServices, publicServices, requireTime, type Services } from '../../domain/sigstore/services/signing-config.ts'
import { keylessSigner } from '../../domain/sigstore/sign/keyless-signer.ts'
import { keySigner, type Signer } from '../../domain/sigstore/sign/signer.ts'
import { noWitnesses, witnessesOf } from '../../domain/sigstore/sign/witnesses.ts'
import { readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

export type Input = InputOf<typeof task>

const mostConfig = 256 * 1024

/** Who signs in this run: the key that is given, or its identity. Services are read of only where they are needed. */
export async function signerOf(input: Input, context: Context<never>): Promise<Signer> {
  const { environment, identity, secrets, files } = context
  const ports: ServicePorts = { http: context.http, now: () => context.clock.now(), patience: input.timeout }
  if (input.key !== undefined) {
    const mask = (text: string): void => secrets.mask(text)
    const key = await loadSigningKey(input.key, input.keyPassword, { workspace: files.workspace, environment, mask })
    return keySigner(key, input.transparencyLog ? witnessesOf(await servicesOf(input, context), ports) : noWitnesses)
  }
  const given = input.identityToken?.trim()
  const token = (): Promise<string> => (given === undefined ? identity.token('sigstore') : Promise.resolve(given))
  context.progress.doing('asking for a certificate')
  return keylessSigner({ services: await servicesOf(input, context), token, ports })
}

async function servicesOf(input: Input, { environment, files, clock }: Context<never>): Promise<Services> {
  const { fulcioUrl, rekorUrl, rekorVersion, timestampUrl } = input
  const version = rekorVersion === '2' ? 2 : 1
  if (rekorUrl !== undefined) {
    const timestamps = timestampUrl === undefined ? [] : [timestampUrl]
    return requireTime({ authority: fulcioUrl, logs: [{ url: rekorUrl, version }], timestamps }, 'rekor-url')
  }
  const path = input.signingConfig ?? environment['SIGSTORE_SIGNING_CONFIG']
  if (path !== undefined) {
    return chooseServices(await readText(resolve(files.workspace, path), mostConfig), { where: path, now: clock.now() })
  }
  return timestampUrl === undefined ? publicServices : { ...publicServices, timestamps: [timestampUrl] }
}
