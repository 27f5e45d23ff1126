import { join, resolve } from 'node:path'
import { messageOf } from '../../../base/errors.ts'
import { fileKind } from '../../../io/errors.ts'
import { factsOrNothing, pipeAt, readSmallSync, readText } from '../../../io/files.ts'
import { stoppedBy } from '../../../io/stopped-by.ts'
import type { Ports } from '../../../spec/ports.ts'
import type { Environment } from '../../cloud/environment.ts'
import { cloudOfMachine } from '../../cloud/machine.ts'
import { keyVariables } from './environment.ts'
import { keyMissing } from './errors.ts'
import { readOnce } from './key-pipe.ts'
import { openedOnce } from './opened.ts'
import type { KeyHandle } from './private-key.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'
import { parseServiceReference, type ServiceReference } from './service-reference.ts'

/** Names of the files of a pair, as in a mounted secret that `cosign generate-key-pair k8s://…` made. */
export const keyFiles = { private: 'cosign.key', public: 'cosign.pub', password: 'cosign.password' } as const

const mostBytes = 64 * 1024
/** Milliseconds that a key service is asked again, where nobody says how long. */
const usualPatience = 60_000

/** What a key is reached by. A key service is asked over `http`; a key in hand is opened once for all that share it. */
export interface KeyPorts extends Pick<Ports, 'http' | 'clock' | 'identity' | 'signal'> {
  /** Absolute; relative references start there. */
  readonly workspace: string
  readonly environment: Environment
  /** Hides a text from all output. */
  readonly mask: (text: string) => void
  /** Milliseconds that a key service may take for each request with all its attempts. Default one minute. */
  readonly patience?: number
}

/**
 * The key that a reference names: a file or a pipe, a folder with `cosign.key` (a mounted secret), `env://NAME`, or one in a key service.
 * The password of a file is the one given, else COSIGN_PASSWORD, else `cosign.password` of the folder, else empty.
 * Throws SW-KEY-…, SW-KMS-…, SW-CREDENTIAL-KEYLESS.
 */
export async function loadSigningKey(reference: string, given: string | undefined, ports: KeyPorts): Promise<KeyHandle> {
  const service = parseServiceReference(reference)
  if (service !== undefined) return openKey(service, ports)
  const { text, where, folder } = read(reference, 'private', ports)
  const pem = await text
  ports.mask(pem)
  const password = given ?? ports.environment['COSIGN_PASSWORD'] ?? (folder === undefined ? undefined : await passwordIn(folder))
  if (password !== undefined && password !== '') ports.mask(password)
  return openedOnce(ports.http, { pem, password, where })
}

/** The public key that a reference names, in the same ways: a file, a folder with `cosign.pub`, `env://NAME`, or one in a key service. */
export async function loadPublicKey(reference: string, ports: KeyPorts): Promise<PublicKey> {
  const service = parseServiceReference(reference)
  if (service !== undefined) {
    const key = await openKey(service, ports)
    await key.close?.()
    return key.public
  }
  const { text, where } = read(reference, 'public', ports)
  return parsePublicKey(await text, where)
}

/** Most runs sign with a key in hand, or with none: what speaks to key services is not even loaded there. */
async function openKey(
  service: ServiceReference,
  { mask, patience = usualPatience, http, signal, ...ports }: KeyPorts,
): Promise<KeyHandle> {
  const { openServiceKey } = await import('../kms/open.ts')
  return openServiceKey(service, { ...ports, http: stoppedBy(signal, http), patience, secrets: { mask }, machine: cloudOfMachine })
}

function read(
  reference: string,
  half: 'private' | 'public',
  { workspace, environment, http, signal }: KeyPorts,
): { readonly text: string | Promise<string>; readonly where: string; readonly folder?: string } {
  const name = /^env:\/\/(.*)$/.exec(reference)?.[1]
  if (name !== undefined) return { text: variable(name, environment), where: name }
  const path = resolve(workspace, reference)
  const pipe = pipeAt(path)
  if (pipe !== undefined) {
    const text = readOnce({ http, signal }, { path, pipe, limit: mostBytes })
    return { text: text.catch((cause: unknown) => Promise.reject(unreadable(reference, cause))), where: path }
  }
  // Not asynchronously: a key takes a fifth of a second in a thread to open, which whatever comes next can be done beside.
  try {
    return { text: textOf(path), where: path }
  } catch (cause) {
    if (!fileKind.is(cause)) throw unreadable(reference, cause)
  }
  const file = join(path, keyFiles[half])
  try {
    return { text: textOf(file), where: file, folder: path }
  } catch (cause) {
    throw unreadable(reference, cause)
  }
}

function variable(name: string, environment: Environment): string {
  const value = environment[name]
  if (value !== undefined && value.trim() !== '') return value
  const readable = keyVariables.join(' or ')
  throw keyMissing(
    keyVariables.some((known) => known === name)
      ? `The variable ${name} is not set, and the key is to be read from it.`
      : `The variable ${name} is not given to this task, which reads a key from ${readable} only.`,
    { hint: `env://COSIGN_PRIVATE_KEY, with that variable set` },
  )
}

function textOf(file: string): string {
  return readSmallSync([file], mostBytes).join('')
}

function unreadable(reference: string, cause: unknown): Error {
  return keyMissing(`The key "${reference}" cannot be read: ${messageOf(cause)}`, { cause })
}

/** Kubernetes mounts a secret as links: what is there is read, what is not has no password. */
async function passwordIn(folder: string): Promise<string | undefined> {
  const file = join(folder, keyFiles.password)
  if ((await factsOrNothing(file)) === undefined) return undefined
  return (await readText(file, mostBytes)).replace(/[\r\n]+$/, '')
}
