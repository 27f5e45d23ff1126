import { join, resolve } from 'node:path'
import { messageOf } from '../../../base/errors.ts'
import { factsOrNothing, readText } from '../../../io/files.ts'
import type { Environment } from '../../cloud/environment.ts'
import { keyMissing } from './errors.ts'
import { parsePrivateKey, type SigningKey } from './private-key.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'

/** Names of the files of a pair, as in a mounted secret that `cosign generate-key-pair k8s://…` made. */
export const keyFiles = { private: 'cosign.key', public: 'cosign.pub', password: 'cosign.password' } as const

/** Variables that a task which takes a reference declares. */
export const keyEnvironment = ['COSIGN_PRIVATE_KEY', 'COSIGN_PUBLIC_KEY', 'COSIGN_PASSWORD'] as const

const mostBytes = 64 * 1024

export interface KeyPorts {
  /** Absolute; relative references start there. */
  readonly workspace: string
  readonly environment: Environment
  /** Hides a text from all output. */
  readonly mask: (text: string) => void
}

/**
 * The private key that a reference names: a file, a folder with `cosign.key` (a mounted secret), or `env://NAME`. The password is the one
 * given, else COSIGN_PASSWORD, else `cosign.password` of the folder, else empty. Throws SW-KEY-MISSING, SW-KEY-INVALID, SW-KEY-PASSWORD.
 */
export async function loadSigningKey(reference: string, given: string | undefined, ports: KeyPorts): Promise<SigningKey> {
  const { pem, where, folder } = await read(reference, 'private', ports)
  ports.mask(pem)
  const password = given ?? ports.environment['COSIGN_PASSWORD'] ?? (folder === undefined ? undefined : await passwordIn(folder))
  if (password !== undefined && password !== '') ports.mask(password)
  return parsePrivateKey(pem, { where, ...(password === undefined ? {} : { password }) })
}

/** The public key that a reference names, in the same ways: a file, a folder with `cosign.pub`, or `env://NAME`. */
export async function loadPublicKey(reference: string, ports: KeyPorts): Promise<PublicKey> {
  const { pem, where } = await read(reference, 'public', ports)
  return parsePublicKey(pem, where)
}

async function read(
  reference: string,
  half: 'private' | 'public',
  { workspace, environment }: KeyPorts,
): Promise<{ readonly pem: string; readonly where: string; readonly folder?: string }> {
  const [, scheme, name = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/.exec(reference) ?? []
  if (scheme === 'env') return { pem: variable(name, environment), where: name }
  if (scheme !== undefined) {
    throw keyMissing(`Keys of ${scheme}:// are not read here, expected a file, a folder with ${keyFiles[half]}, or env://NAME.`)
  }
  const path = resolve(workspace, reference)
  const kind = (await factsOrNothing(path))?.kind
  const file = kind === 'directory' ? join(path, keyFiles[half]) : path
  return { pem: await fileText(file, reference), where: file, ...(kind === 'directory' ? { folder: path } : {}) }
}

function variable(name: string, environment: Environment): string {
  const value = environment[name]
  if (value !== undefined && value.trim() !== '') return value
  const readable = keyEnvironment.slice(0, 2).join(' or ')
  throw keyMissing(
    keyEnvironment.some((known) => known === name)
      ? `The variable ${name} is not set, and the key is to be read from it.`
      : `The variable ${name} is not given to this task, which reads a key from ${readable} only.`,
    { hint: `env://COSIGN_PRIVATE_KEY, with that variable set` },
  )
}

async function fileText(file: string, reference: string): Promise<string> {
  try {
    return await readText(file, mostBytes)
  } catch (cause) {
    throw keyMissing(`The key "${reference}" cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** Kubernetes mounts a secret as links: what is there is read, what is not has no password. */
async function passwordIn(folder: string): Promise<string | undefined> {
  const file = join(folder, keyFiles.password)
  if ((await factsOrNothing(file)) === undefined) return undefined
  return (await readText(file, mostBytes)).replace(/[\r\n]+$/, '')
}
