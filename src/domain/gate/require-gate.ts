import type { Digest } from '../../base/digest.ts'
import type { Sections } from '../../spec/record/record.ts'
import { gateRefused } from './errors.ts'

interface Wanted {
  readonly digest: Digest
  /** Whether there has to be a verdict. */
  readonly isRequired: boolean
  /** What has not been done then, for people. */
  readonly safe: string
}

/**
 * Requires that no gate has refused an image, and where it is asked for that one has passed it: a workflow can go on after `scan` has failed.
 * @throws SW-GATE-REFUSED
 */
export function requireGate(findings: Sections['findings'] | undefined, { digest, isRequired, safe }: Wanted): void {
  const own = findings?.subject === digest ? findings : undefined
  if (own?.verdict === 'pass' || (own === undefined && !isRequired)) return
  const hint = 'slipway run, when what scan names is mended'
  if (own !== undefined) throw gateRefused(`scan says ${own.verdict} of ${digest}, expected pass.`, { hint, safe })
  const seen = findings === undefined ? 'no verdict of a gate' : `a verdict on ${findings.subject}`
  throw gateRefused(`The release record has ${seen}, expected one on ${digest} that passed.`, { hint: 'slipway scan', safe })
}
