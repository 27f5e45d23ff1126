import { generateKeyPairSync } from 'node:crypto'
import { fileBundleOf } from '../formats/envelope.ts'
import type { LogEntry } from '../formats/material.ts'
import { signingKey } from '../keys/private-key.ts'
import { signingConfigInvalid } from '../services/errors.ts'
import { requestCertificate } from '../services/fulcio.ts'
import { enterLog } from '../services/log.ts'
import { requestTimestamp } from '../services/timestamp.ts'
import type { KeylessOptions } from './keyless-signer.ts'

/**
 * Signs a file as who the identity token says, and gives the bundle, version 0.3, with the signature of its bytes.
 * Throws SW-FULCIO-REFUSED, SW-SIGNING-CONFIG, SW-SIGSTORE-….
 */
export async function signFile(file: Buffer, { services, token, ports }: KeylessOptions): Promise<Buffer> {
  const { authority, logs, timestamps } = services
  if (authority === undefined) throw signingConfigInvalid('The signing config names no certificate authority that is valid now.')
  if (logs.length + timestamps.length === 0)
    throw signingConfigInvalid('Without a key a log or a timestamp authority has to say when it was signed, and none is given.')
  const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'the key of this run')
  const by = await requestCertificate(authority, key, { token: await token(), ports })
  const signature = key.sign(file)
  // In the form of a log the bytes themselves are signed, by SHA-256, as under a `.sig` tag.
  const what = { form: 'legacy', payload: file, signed: file, signature, by, algorithm: key.public.algorithm } as const
  const stamps: Buffer[] = []
  for (const url of timestamps) stamps.push(await requestTimestamp(url, signature, ports))
  const entries: LogEntry[] = []
  for (const log of logs) entries.push(await enterLog(log, what, ports))
  return fileBundleOf(file, { signature, by, entries, timestamps: stamps })
}
