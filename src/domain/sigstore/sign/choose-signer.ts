import { resolve } from 'node:path'
import { readText } from '../../../io/files.ts'
import { stoppedBy } from '../../../io/stopped-by.ts'
import type { Ports } from '../../../spec/ports.ts'
import { servicesFor } from '../instance/choose-instance.ts'
import type { ServicePorts } from '../services/ask.ts'
import { chooseServices, publicServices, requireTime, type Services } from '../services/signing-config.ts'
import { requireFormat } from './chosen-formats.ts'
import type { formatChoices } from './format-choices.ts'
import { keylessSigner } from './keyless-signer.ts'
import { type KeyChoice, openKey } from './open-key.ts'
import { runToken } from './run-token.ts'
import { keySigner, type Signer } from './signer.ts'
import { noWitnesses, witnessesOf } from './witnesses.ts'

/** The values of the inputs by which a task chooses its signer (`signer-inputs.ts`). */
export interface SignerChoice extends KeyChoice {
  readonly transparencyLog: boolean
  readonly identityToken?: string | undefined
  readonly signingConfig?: string | undefined
  readonly sigstore?: 'auto' | 'public' | 'github' | undefined
  readonly tufUrl?: string | undefined
  readonly tufRoot?: string | undefined
  readonly fulcioUrl?: string | undefined
  readonly rekorUrl?: string | undefined
  readonly rekorVersion: '1' | '2'
  readonly timestampUrl?: string | undefined
  /** Default `auto`. */
  readonly format?: (typeof formatChoices)[number] | undefined
}

/** What a signer is chosen with; its signal ends whatever is asked for that. */
export type SignerPorts = Pick<Ports, 'environment' | 'identity' | 'secrets' | 'files' | 'http' | 'clock' | 'signal' | 'progress' | 'log'>

/** A signer, with the services that vouch for what it signs; none do for a key without a log. */
export interface ChosenSigner extends Signer {
  readonly services?: Services | undefined
}

const mostConfig = 256 * 1024

/** Who signs in this run: the key that is given, or its identity. Services are read of only where they are needed. */
export async function chooseSigner(choice: SignerChoice, ports: SignerPorts, token = runToken(choice, ports)): Promise<ChosenSigner> {
  const asking: ServicePorts = { http: ports.http, now: () => ports.clock.now(), patience: choice.timeout }
  if (choice.key !== undefined) {
    const key = await openKey(choice.key, choice, ports)
    if (!choice.transparencyLog) return keySigner(key, noWitnesses)
    try {
      const services = await servicesOf(choice, { ...ports, http: stoppedBy(ports.signal, ports.http) }, token)
      return { ...keySigner(key, witnessesOf(services, asking)), services }
    } catch (error) {
      await key.close?.()
      throw error
    }
  }
  ports.progress.doing('asking for a certificate')
  const services = await servicesOf(choice, ports, token)
  // A certificate is in a public log for ever: none for what could not be written.
  requireFormat(choice.format ?? 'auto', witnessesOf(services, asking))
  return { ...(await keylessSigner({ services, token, ports: asking })), services }
}

/** Whether signatures go into a log: with a key only when asked to, nothing of it leaves the network else. */
export function isLogged({ key, transparencyLog }: Pick<SignerChoice, 'key' | 'transparencyLog'>): boolean {
  return key === undefined || transparencyLog
}

/** The services that a choice names; the public ones where it names none. Throws SW-SIGNING-CONFIG, SW-FILE-…, SW-TUF-…. */
export async function servicesOf(
  choice: Omit<SignerChoice, 'keyPassword' | 'timeout'>,
  ports: Pick<Ports, 'environment' | 'files' | 'clock' | 'http' | 'log' | 'identity'>,
  token = runToken(choice, ports),
): Promise<Services> {
  const { key, fulcioUrl, rekorUrl, rekorVersion, timestampUrl } = choice
  if (rekorUrl !== undefined) {
    const timestamps = timestampUrl === undefined ? [] : [timestampUrl]
    return requireTime({ authority: fulcioUrl, logs: [{ url: rekorUrl, version: rekorVersion === '2' ? 2 : 1 }], timestamps }, 'rekor-url')
  }
  // Without a key the token tells; with one, nobody is named in a certificate.
  const services = (await namedServices(choice, ports)) ?? (key === undefined ? servicesFor(await token()) : publicServices)
  return timestampUrl === undefined ? services : { ...services, timestamps: [timestampUrl] }
}

/** By a file or a TUF repository: inputs before the variable. */
async function namedServices(
  choice: Pick<SignerChoice, 'signingConfig' | 'sigstore' | 'tufUrl' | 'tufRoot' | 'rekorVersion'>,
  ports: Pick<Ports, 'environment' | 'files' | 'clock' | 'http' | 'log'>,
): Promise<Services | undefined> {
  const { environment, files, clock } = ports
  const own = choice.signingConfig === undefined ? await instanceServices(choice, ports) : undefined
  const path = choice.signingConfig ?? environment['SIGSTORE_SIGNING_CONFIG']
  if (own !== undefined || path === undefined) return own
  return chooseServices(await readText(resolve(files.workspace, path), mostConfig), { where: path, now: clock.now() })
}

/** What a TUF repository says, where the choice names one; what reads it is loaded only then. */
async function instanceServices(
  { sigstore, tufUrl, tufRoot, rekorVersion }: Pick<SignerChoice, 'sigstore' | 'tufUrl' | 'tufRoot' | 'rekorVersion'>,
  { files, ...ports }: Pick<Ports, 'environment' | 'files' | 'clock' | 'http' | 'log'>,
): Promise<Services | undefined> {
  const isOwn = tufUrl !== undefined && tufRoot !== undefined
  if (!isOwn && (sigstore === undefined || sigstore === 'auto')) return undefined
  const [{ readServices }, { ownInstance }, { knownInstance }] = await Promise.all([
    import('../instance/read-instance.ts'),
    import('../instance/root-reference.ts'),
    import('../instance/instance.ts'),
  ])
  const instance = isOwn
    ? await ownInstance({ url: tufUrl, root: tufRoot }, files.workspace)
    : await knownInstance(sigstore === 'github' ? 'github' : 'public')
  return readServices(instance, rekorVersion === '2' ? 2 : 1, { ...ports, offline: false })
}
