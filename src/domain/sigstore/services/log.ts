import type { LogEntry } from '../formats/material.ts'
import type { ServicePorts } from './ask.ts'
import { serviceRefused } from './errors.ts'
import { logToVersion1 } from './rekor-v1.ts'
import { logToVersion2 } from './rekor-v2.ts'
import { type Services, trimmed } from './signing-config.ts'
import type { ToLog } from './to-log.ts'

/** Enters a signature in a log of either version; the entry that it answers with holds that very signature. Throws SW-SIGSTORE-…. */
export async function enterLog({ url, version }: Services['logs'][number], what: ToLog, ports: ServicePorts): Promise<LogEntry> {
  const entry = await (version === 2 ? logToVersion2 : logToVersion1)(trimmed(url), what, ports)
  // Of every kind of entry the canonical body has the signature in it, as base64.
  if (Buffer.from(entry.canonicalizedBody, 'base64').includes(what.signature.toString('base64'))) return entry
  throw serviceRefused(`Rekor at ${url} answered with an entry of another signature than the one that it was sent.`)
}
