import type { LogEntry } from '../formats/material.ts'
import type { ServicePorts } from './ask.ts'
import { logToVersion1 } from './rekor-v1.ts'
import { logToVersion2 } from './rekor-v2.ts'
import { type Services, trimmed } from './signing-config.ts'
import type { ToLog } from './to-log.ts'

/** Enters a signature in a log of either version. Throws SW-SIGSTORE-…. */
export function enterLog({ url, version }: Services['logs'][number], what: ToLog, ports: ServicePorts): Promise<LogEntry> {
  return (version === 2 ? logToVersion2 : logToVersion1)(trimmed(url), what, ports)
}
