import { type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto'
import type { TransparencyLogEntry } from '@sigstore/bundle'
import { crypto, EXTENSION_OID_SCT, type X509Certificate } from '@sigstore/core'
import { type SignedEntity, type TrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import type { PublicKey } from '../keys/public-key.ts'
import { requireCheckpoint } from './checkpoint.ts'
import { type Claims, claimsOf } from './claims.ts'
import { contentOf, type Evidence } from './evidence.ts'
import { requireEntryKey } from './log-entry-key.ts'
import { type ReasonCode, Refused, reasonOf } from './reasons.ts'
import { issued, type TrustRoot } from './trust-root.ts'

/** RFC 5280, §4.2.1.12. */
const codeSigning = '1.3.6.1.5.5.7.3.3'

/** What cryptography says of one signature: who, when, and in which log. Whether that is whom the policy trusts is another question. */
export interface Proof {
  readonly signer:
    | { readonly key: PublicKey }
    | { readonly claims: Claims }
    /** Of Notation: a distinguished name, and SHA-256 of the certificate in hex. */
    | { readonly certificate: { readonly subject: string; readonly thumbprint: string } }
  /** Times that a log or a timestamp authority vouches for; none with a key alone. */
  readonly times: readonly Date[]
  readonly log?: { readonly name: string; readonly index: string } | undefined
  /** The trusted root that it holds under. */
  readonly root?: string | undefined
}

export interface Trust {
  /** Any of them. */
  readonly roots: readonly TrustRoot[]
  /** Whether an entry in a transparency log must be there; one that is there must hold in any case. */
  readonly requireLog: boolean
}

/** Proves a signature by a given key. Without a trusted root no log or time stamp can be judged, so none counts. Throws {@link Refused}. */
export function proveByKey(evidence: Evidence, key: PublicKey, { roots, requireLog }: Trust): Proof {
  const content = contentOf(evidence)
  if (!content.verifySignature(key.key))
    throw new Refused(isHintOf(evidence, key) ? 'signature-invalid' : 'key-mismatch', { expected: key.hint, got: hintOf(evidence) })
  if (roots.length === 0 && requireLog) throw new Refused('log-unknown', { expected: 'a trusted root' })
  if (roots.length === 0) return { signer: { key }, times: [] }
  return underAny(roots, (root) => {
    verify(evidence, { ...root.material, publicKey: () => ({ publicKey: key.key, validFor: () => true }) }, { requireLog, key: key.key })
    return { signer: { key }, ...factsOf(evidence, root) }
  })
}

/** Proves a signature by a short-lived certificate: chain, certificate log, time, transparency log. Throws {@link Refused}. */
export function proveByCertificate(evidence: Evidence, certificate: X509Certificate, { roots, requireLog }: Trust): Proof {
  if (timesOf(evidence).length === 0) throw new Refused('timestamp-missing')
  requireCodeSigning(certificate)
  const key = crypto.createPublicKey(certificate.publicKey)
  return underAny(roots, (root) => {
    verify(evidence, { ...root.material, publicKey: noKey }, { requireLog, key, certificate, root })
    return { signer: { claims: claimsOf(certificate) }, ...factsOf(evidence, root) }
  })
}

/** The library takes any certificate of an authority; one for a server is not one for a signer. */
function requireCodeSigning(certificate: X509Certificate): void {
  const usages = new NodeCertificate(certificate.root.toDER()).keyUsage ?? []
  if (!usages.includes(codeSigning)) throw new Refused('certificate-usage', { expected: codeSigning, got: usages.join(', ').slice(0, 200) })
}

interface Terms {
  readonly requireLog: boolean
  readonly key: KeyObject
  readonly certificate?: X509Certificate
  readonly root?: TrustRoot
}

function verify(evidence: Evidence, material: TrustMaterial, terms: Terms): void {
  if (terms.requireLog && evidence.entries.length === 0) throw new Refused('log-missing')
  const times = timesOf(evidence)
  // The library takes a checkpoint of any age; a log that was retired may not vouch for what came later.
  const tlogs = material.tlogs.filter(({ validFor }) => times.every((time) => validFor.start <= time && time <= validFor.end))
  requireKnownLogs(evidence.entries, tlogs)
  const by = terms.certificate
  const entity: SignedEntity = {
    signature: contentOf(evidence),
    key: by === undefined ? { $case: 'public-key', hint: '' } : { $case: 'certificate', certificate: by },
    tlogEntries: [...evidence.entries],
    timestamps: [
      ...evidence.timestamps.map((timestamp) => ({ $case: 'timestamp-authority' as const, timestamp })),
      ...evidence.entries.filter(hasTime).map((tlogEntry) => ({ $case: 'transparency-log' as const, tlogEntry })),
    ],
  }
  const least = by === undefined ? 0 : 1
  // A Sigstore that keeps no log of certificates, as GitHub's own, says so in its root; its certificates have no entry to check.
  const ctlogThreshold = material.ctlogs.length === 0 ? 0 : least
  const verifier = new Verifier({ ...material, tlogs }, { tlogThreshold: 0, ctlogThreshold, timestampThreshold: least })
  try {
    verifier.verify(entity)
  } catch (cause) {
    throw cause instanceof VerificationError ? new Refused(...meaningOf(cause.code, { ...terms, times })) : cause
  }
  for (const entry of evidence.entries) {
    requireCheckpoint(entry)
    requireEntryKey(entry.canonicalizedBody, terms.key)
  }
}

const meanings: Readonly<Partial<Record<string, ReasonCode>>> = {
  TIMESTAMP_ERROR: 'timestamp-invalid',
  TLOG_ERROR: 'log-entry-duplicate',
  TLOG_BODY_ERROR: 'log-entry-mismatch',
  TLOG_INCLUSION_PROOF_ERROR: 'log-proof-invalid',
  TLOG_INCLUSION_PROMISE_ERROR: 'log-promise-invalid',
  TLOG_MISSING_INCLUSION_ERROR: 'log-proof-invalid',
  SIGNATURE_ERROR: 'signature-invalid',
}

/** The library has one code for all that may be wrong with a certificate; what it was is looked up here, after the refusal. */
function meaningOf(
  code: string,
  { certificate, root, times }: Terms & { readonly times: readonly Date[] },
): [ReasonCode, { expected?: string; got?: string }?] {
  const known = meanings[code]
  if (known !== undefined || certificate === undefined || root === undefined) return [known ?? 'unreadable']
  const outside = times.find((time) => !certificate.validForDate(time))
  if (!times.every((time) => issued(root, certificate, time)))
    return ['certificate-untrusted', { expected: `an authority of ${root.name}` }]
  if (outside !== undefined) {
    return [
      'certificate-expired',
      { expected: `${certificate.notBefore.toISOString()} to ${certificate.notAfter.toISOString()}`, got: outside.toISOString() },
    ]
  }
  return [certificate.extension(EXTENSION_OID_SCT) === undefined ? 'sct-missing' : 'sct-invalid']
}

/** How far an examination came: of several roots, the one under which it came farthest tells the reason. */
const stages: readonly ReasonCode[] = ['log-unknown', 'timestamp-invalid', 'certificate-untrusted']

function underAny<T>(roots: readonly TrustRoot[], attempt: (root: TrustRoot) => T): T {
  let farthest: Refused | undefined
  for (const root of roots) {
    try {
      return attempt(root)
    } catch (thrown) {
      const refused = thrown instanceof Refused ? thrown : new Refused('unreadable', reasonOf(thrown))
      if (farthest === undefined || stageOf(refused) > stageOf(farthest)) farthest = refused
    }
  }
  throw farthest ?? new Refused('certificate-untrusted', { expected: 'a trusted root' })
}

function stageOf({ reason }: Refused): number {
  const stage = stages.indexOf(reason.code)
  return stage === -1 ? stages.length : stage
}

function requireKnownLogs(entries: readonly TransparencyLogEntry[], tlogs: TrustMaterial['tlogs']): void {
  const unknown = entries.find(({ logId }) => !tlogs.some(({ logID }) => logID.equals(logId.keyId)))
  if (unknown !== undefined) throw new Refused('log-unknown', { got: unknown.logId.keyId.toString('hex').slice(0, 64) })
}

function timesOf({ entries, timestamps }: Evidence): readonly Date[] {
  return [
    ...timestamps.map(({ signingTime }) => signingTime),
    ...entries.filter(hasTime).map(({ integratedTime }) => new Date(Number(integratedTime) * 1000)),
  ]
}

/** Only a time with a promise is signed by the log; Rekor 2 gives none. */
function hasTime({ inclusionPromise, integratedTime }: TransparencyLogEntry): boolean {
  return inclusionPromise !== undefined && integratedTime !== '' && integratedTime !== '0'
}

function factsOf(evidence: Evidence, root: TrustRoot): Pick<Proof, 'times' | 'log' | 'root'> {
  const [entry] = evidence.entries
  const log = root.material.tlogs.find(({ logID }) => entry !== undefined && logID.equals(entry.logId.keyId))
  return {
    times: timesOf(evidence),
    root: root.name,
    ...(entry === undefined || log === undefined
      ? {}
      : { log: { name: log.baseURL, index: entry.inclusionProof?.logIndex ?? entry.logIndex } }),
  }
}

function isHintOf(evidence: Evidence, { hint }: PublicKey): boolean {
  return hintOf(evidence) === hint
}

function hintOf({ by }: Evidence): string | undefined {
  return 'hint' in by && by.hint !== '' ? by.hint.slice(0, 100) : undefined
}

function noKey(): never {
  throw new Refused('no-rule')
}
