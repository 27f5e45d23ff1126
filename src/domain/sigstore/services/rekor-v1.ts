import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { HttpResponse } from '../../../spec/ports.ts'
import { envelopeOf } from '../formats/envelope.ts'
import type { LogEntry } from '../formats/material.ts'
import { ask, get, mostBytes, type ServicePorts, saying } from './ask.ts'
import { serviceRefused } from './errors.ts'
import { entryAnswer } from './schema.ts'
import { isEnveloped, type ToLog } from './to-log.ts'

/** Puts a signature into a log of version 1; one that is there already is taken as it is. Throws SW-SIGSTORE-…. */
export async function logToVersion1(url: string, what: ToLog, ports: ServicePorts): Promise<LogEntry> {
  const entries = `${url}/api/v1/log/entries`
  const response = await ask(ports, {
    service: 'Rekor',
    url: entries,
    body: isEnveloped(what) ? envelopeEntry(what) : hashEntry(what),
  })
  if (response.status === 201) return entryOf(response, url)
  if (response.status !== 409) throw serviceRefused(`Rekor at ${url} answered ${await saying(response)}.`)
  const location = response.header('location') ?? ''
  await response.discard()
  const [uuid] = /[0-9a-f]{64,80}$/.exec(location) ?? []
  if (uuid === undefined) throw serviceRefused(`Rekor at ${url} has the entry already, and does not say where.`)
  const existing = await get(ports, { service: 'Rekor', url: `${entries}/${uuid}` })
  if (existing.status !== 200) throw serviceRefused(`Rekor at ${url} answered ${await saying(existing)} for entry ${uuid}.`)
  return entryOf(existing, url)
}

/** The log keeps the hash of the envelope; under an `.att` tag cosign holds it against the layer, byte for byte. */
function envelopeEntry({ payload, signature, by }: ToLog): object {
  const envelope = envelopeOf(payload, signature).toString()
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: { proposedContent: { envelope, verifiers: [Buffer.from(by.pem).toString('base64')] } },
  }
}

function hashEntry({ signed, signature, by }: ToLog): object {
  const hash = { algorithm: 'sha256', value: createHash('sha256').update(signed).digest('hex') }
  const publicKey = { content: Buffer.from(by.pem).toString('base64') }
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: { data: { hash }, signature: { content: signature.toString('base64'), publicKey } },
  }
}

async function entryOf(response: HttpResponse, url: string): Promise<LogEntry> {
  const parsed = v.safeParse(entryAnswer, await response.json(mostBytes))
  const [entry] = parsed.success ? parsed.output : []
  if (entry === undefined) throw serviceRefused(`Rekor at ${url} answered ${response.status} without an entry that has its proof.`)
  const { body, integratedTime, logID, logIndex, verification } = entry
  const { checkpoint, hashes, logIndex: leaf, rootHash, treeSize } = verification.inclusionProof
  const base64 = (text: string): string => Buffer.from(text, 'hex').toString('base64')
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(logID) },
    kindVersion: kindOf(body, url),
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(leaf),
      rootHash: base64(rootHash),
      treeSize: String(treeSize),
      hashes: hashes.map(base64),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body,
  }
}

function kindOf(body: string, url: string): { readonly kind: string; readonly version: string } {
  const shape = v.pipe(v.string(), v.parseJson(), v.object({ kind: v.string(), apiVersion: v.string() }))
  const parsed = v.safeParse(shape, Buffer.from(body, 'base64').toString())
  if (!parsed.success) throw serviceRefused(`Rekor at ${url} answered with an entry whose body is not one.`)
  return { kind: parsed.output.kind, version: parsed.output.apiVersion }
}
