import { createHash, randomInt } from 'node:crypto'
import { RFC3161Timestamp } from '@sigstore/core'
import { ask, mostBytes, type ServicePorts, saying } from './ask.ts'
import { serviceRefused } from './errors.ts'

const granted = 0n
const type = 'application/timestamp-reply'

/** The word of a timestamp authority that a signature existed at a time (RFC 3161), checked to be about that signature. DER. */
export async function requestTimestamp(url: string, signature: Buffer, ports: ServicePorts): Promise<Buffer> {
  const digest = createHash('sha256').update(signature).digest()
  const response = await ask(ports, {
    service: 'The timestamp authority',
    url,
    accept: type,
    body: { artifactHash: digest.toString('base64'), hashAlgorithm: 'sha256', certificates: true, nonce: randomInt(1, 2 ** 47) },
  })
  if (response.status !== 200 && response.status !== 201)
    throw serviceRefused(`The timestamp authority at ${url} answered ${await saying(response)}.`)
  const bytes = await response.bytes(mostBytes)
  if (isAbout(bytes, digest)) return bytes
  throw serviceRefused(`The timestamp authority at ${url} answered with ${bytes.length} bytes that are no time stamp of the signature.`)
}

function isAbout(bytes: Buffer, digest: Buffer): boolean {
  try {
    const stamp = RFC3161Timestamp.parse(Buffer.from(bytes))
    return stamp.status === granted && stamp.tstInfo.messageImprintHashedMessage.equals(digest)
  } catch {
    return false
  }
}
