import * as v from 'valibot'
import { type Digest, isDigest, sha256 } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import type { Finding } from '../findings/finding.ts'
import { baselineInvalid } from './errors.ts'

/** What was found before, to tell what is new. */
export interface Baseline {
  /** The file, or repository@digest. */
  readonly origin: string
  /** Of the report, or of the attestation that has the findings. */
  readonly digest: Digest
  readonly findings: readonly Known[]
}

/** A finding of the baseline, as far as it is compared. */
export interface Known {
  /** Its name and its aliases. */
  readonly names: readonly string[]
  readonly purl: string
  readonly state: Finding['state']
}

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
const known = v.object({
  id: name,
  aliases: v.optional(v.array(name), []),
  purl: name,
  state: v.picklist(['affected', 'undetermined']),
})
const report = v.object({
  schemaVersion: v.pipe(v.string(), v.regex(/^1\.\d+$/, 'expected a report of version 1')),
  verdict: v.picklist(['pass', 'fail']),
  subject: v.pipe(v.string(), v.guard(isDigest)),
  findings: v.pipe(v.array(known), v.maxLength(500_000)),
})

/** In bytes: a report has at most 15 MiB. */
export const mostBaseline = 32 * 2 ** 20

/** Reads a report of `scan` as a baseline; `where` names it. @throws SW-GATE-BASELINE */
export function parseBaseline(bytes: Uint8Array, where: string): Baseline {
  const parsed = v.safeParse(report, jsonOf(bytes, where), { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw baselineInvalid(`${where} is no report of scan: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
  }
  return { origin: where, digest: sha256(bytes), findings: parsed.output.findings.map(knownOf) }
}

function knownOf({ id, aliases, purl, state }: v.InferOutput<typeof known>): Known {
  return { names: [id, ...aliases], purl, state }
}

/**
 * Whether a finding is in the baseline: under any of its names, in the same package whatever its version, on whatever platform. What could
 * not be decided then and can be now is new.
 */
export function knownIn({ findings }: Pick<Baseline, 'findings'>): (finding: Finding) => boolean {
  const keys = new Set(findings.flatMap(({ names, purl, state }) => names.map((one) => keyOf(one, purl, state))))
  return ({ id, aliases, purl, state }) => {
    const states = state === 'affected' ? (['affected'] as const) : (['affected', 'undetermined'] as const)
    return [id, ...aliases].some((one) => states.some((each) => keys.has(keyOf(one, purl, each))))
  }
}

function keyOf(one: string, purl: string, state: Finding['state']): string {
  return JSON.stringify([one, withoutVersion(purl), state])
}

/** A package URL without version, qualifiers and subpath: the same package after an update. */
function withoutVersion(purl: string): string {
  return purl.replace(/[?#].*$/s, '').replace(/@[^@/]*$/, '')
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw baselineInvalid(`${where} is no JSON in UTF-8: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
}
