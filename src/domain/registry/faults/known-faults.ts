import { type Action, type Match, type Phase, phasesOf, type Rule } from './rule.ts'

/** The faults that every client should end well with, by name: for a table of fault × phase × request. */
export const knownFaults = {
  'too-many-requests': { action: 'status', status: 429, code: 'TOOMANYREQUESTS', headers: { 'retry-after': '1' } },
  'internal-error': { action: 'status', status: 500, code: 'UNKNOWN' },
  'bad-gateway': { action: 'status', status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>502 Bad Gateway</h1></html>' },
  unavailable: { action: 'status', status: 503, code: 'UNAVAILABLE', headers: { 'retry-after': '1' } },
  denied: { action: 'status', status: 403, code: 'DENIED' },
  'not-found': { action: 'status', status: 404, code: 'NAME_UNKNOWN' },
  'too-large': { action: 'status', status: 413, code: 'SIZE_INVALID' },
  'upload-unknown': { action: 'status', status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },
  'blob-unknown': { action: 'status', status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },
  'token-expired': { action: 'expire' },
  reset: { action: 'reset' },
  cut: { action: 'cut' },
  stall: { action: 'stall' },
  delay: { action: 'delay', delay: 200 },
  slow: { action: 'slow', rate: 64 * 1024 },
  'flipped-bit': { action: 'corrupt' },
  truncated: { action: 'truncate', bytes: 1 },
  'too-long': { action: 'extend', bytes: 1 },
  'wrong-digest-header': { action: 'change', set: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
  'no-digest-header': { action: 'change', unset: ['docker-content-digest'] },
  'no-location': { action: 'change', unset: ['location'] },
  warning: { action: 'change', set: { warning: '299 - "this registry moves on Friday"' } },
  'silently-dropped': { action: 'drop' },
  'forgotten-after-head': { action: 'forget' },
  stale: { action: 'stale', reads: 2 },
} as const satisfies Readonly<Record<string, Action>>

export type FaultName = keyof typeof knownFaults
export const faultNames = Object.keys(knownFaults) as readonly FaultName[]

/** When a fault can happen, its usual phase first. */
export function phasesOfFault(name: FaultName): readonly Phase[] {
  return phasesOf[knownFaults[name].action]
}

/** The rule for a fault: on which requests, and if given in which phase and how often. */
export function faultRule(
  name: FaultName,
  on: Match,
  occasion: Pick<Rule, 'phase' | 'at' | 'skip' | 'every' | 'times' | 'per'> = {},
): Rule {
  return { name, on, ...occasion, ...knownFaults[name] }
}
