import type { TaskError } from '../../../base/errors.ts'
import { envelopeOf } from '../formats/envelope.ts'
import type { Signed } from '../formats/material.ts'
import type { ServicePorts } from '../services/ask.ts'
import { signingConfigInvalid } from '../services/errors.ts'
import { enterLog } from '../services/log.ts'
import type { Services } from '../services/signing-config.ts'
import { requestTimestamp } from '../services/timestamp.ts'
import type { ToLog } from '../services/to-log.ts'

/** Who vouches for a signature that was just made: timestamp authorities, and transparency logs. */
export interface Witnesses {
  /** How many of each a complete signature has. */
  readonly logs: number
  readonly authorities: number
  /** Whether they can vouch for a `.sig` tag, which holds the promise of a log of version 1. */
  readonly legacy: boolean
  /** Why they cannot, where they cannot. */
  readonly notLegacy?: TaskError | undefined
  /** Whether one of them is sent whole envelopes: a log of version 1, which takes no large ones; the others take hashes. */
  readonly takesEnvelopes: boolean
  attest(what: ToLog): Promise<Pick<Signed, 'entries' | 'timestamps'>>
}

/** No log and no timestamp: with a key, whoever trusts the key needs neither. */
export const noWitnesses: Witnesses = {
  logs: 0,
  authorities: 0,
  legacy: true,
  takesEnvelopes: false,
  attest: async () => ({ entries: [], timestamps: [] }),
}

/** The services that were chosen; the log last, since what it has it keeps. Throws SW-SIGNING-CONFIG, SW-SIGSTORE-…. */
export function witnessesOf({ logs, timestamps }: Services, ports: ServicePorts): Witnesses {
  const notLegacy = logs.every(({ version }) => version === 1) ? undefined : promiseMissing()
  return {
    logs: logs.length,
    authorities: timestamps.length,
    legacy: notLegacy === undefined,
    notLegacy,
    takesEnvelopes: logs.some(({ version }) => version === 1),
    attest: async (what) => {
      if (what.form === 'legacy' && notLegacy !== undefined) throw notLegacy
      const stamps: Buffer[] = []
      for (const url of timestamps) stamps.push(await requestTimestamp(url, stampedBytes(what), ports))
      const entries: Signed['entries'][number][] = []
      for (const log of logs) entries.push(await enterLog(log, what, ports))
      return { entries, timestamps: stamps }
    },
  }
}

function promiseMissing(): TaskError {
  return signingConfigInvalid(
    'The tags .sig and .att hold the promise of a log of version 1, and the signing config names one of version 2.',
    {
      hint: 'format: bundle',
      safe: 'nothing was signed',
    },
  )
}

/** Under the `.att` tag cosign has the time of the envelope, everywhere else that of the signature. */
function stampedBytes({ form, enveloped = false, payload, signature }: ToLog): Buffer {
  return form === 'legacy' && enveloped ? envelopeOf(payload, signature) : signature
}
