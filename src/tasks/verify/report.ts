import { shortDigest } from '../../base/digest.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import { predicateFamily } from '../../domain/sigstore/attest/predicates.ts'
import type { Finding } from '../../domain/sigstore/verify/examine.ts'
import type { Demand, Judgement } from '../../domain/sigstore/verify/judge.ts'
import { isTrusted, isTrustedSignature } from '../../domain/sigstore/verify/judge.ts'
import type { Proof } from '../../domain/sigstore/verify/prove.ts'
import { type Reason, reasons } from '../../domain/sigstore/verify/reasons.ts'

/** All that is attached, one line each, and below it why it does not count; then what the policy demands. */
export function treeOf(image: string, judgements: readonly Judgement[]): string {
  const lines = judgements.flatMap((judgement, place) => [
    place === 0 ? image : judgement.digest,
    ...judgement.findings.flatMap(findingLines),
    ...demandLines(judgement),
  ])
  // What others wrote may not make a line of its own.
  return lines.map(neutraliseLine).join('\n')
}

/** One line for the tree of a run: who signed, or what is missing. */
export function headlineOf(judgements: readonly Judgement[], passed: boolean): string {
  const namesOf = (demands: readonly Demand[]): string => [...new Set(demands.map(({ what }) => predicateFamily(what)))].join(', ')
  const demands = judgements.flatMap((judgement) => judgement.demands)
  if (!passed) return `missing: ${namesOf(demands.filter(({ met }) => !met))}`
  const attestations = namesOf(judgements.flatMap((judgement) => judgement.demands.slice(1)))
  const [trusted] = judgements.flatMap(({ findings }) => findings.filter(isTrustedSignature))
  const signer = trusted?.proof === undefined ? '' : shortNameOf(trusted.proof)
  const count = judgements.length === 1 ? [] : [`${judgements.length} manifests`]
  return [`signed by ${signer}`, ...(attestations === '' ? [] : [attestations]), ...count].join(' · ')
}

/** Who signed, of those whom the policy trusts; empty when the image does not pass. */
export function signerOf(judgements: readonly Judgement[]): string {
  const [trusted] = judgements.every(isTrusted) ? judgements.flatMap(({ findings }) => findings.filter(isTrustedSignature)) : []
  return trusted?.proof === undefined ? '' : nameOf(trusted.proof)
}

/** The same as the tree, for machines. */
export function reportOf(
  image: string,
  judgements: readonly Judgement[],
  about: { readonly verdict: string; readonly policy: string; readonly commands: readonly string[] },
): string {
  const manifests = judgements.map((judgement) => ({
    digest: judgement.digest,
    verdict: isTrusted(judgement) ? 'pass' : 'fail',
    demands: judgement.demands,
    attached: judgement.findings.map(entryOf),
  }))
  return `${JSON.stringify({ schemaVersion: '1.0', image, ...about, manifests }, undefined, 2)}\n`
}

function entryOf({ attached, predicateType, proof, reason }: Finding): object {
  const { digest, from, format, type } = attached
  const signer = proof === undefined ? undefined : signerEntry(proof)
  const times = proof?.times.map((time) => time.toISOString())
  return {
    digest,
    from,
    format,
    type,
    predicateType,
    trusted: reason === undefined,
    reason,
    signer,
    times,
    log: proof?.log,
    trustedRoot: proof?.root,
  }
}

function signerEntry({ signer }: Proof): object {
  if ('key' in signer) return { key: signer.key.hint }
  return 'claims' in signer ? signer.claims : signer.certificate
}

function findingLines({ attached, predicateType, proof, reason }: Finding): readonly string[] {
  const what = `${reason === undefined ? '✓' : '✗'} ${attached.format} ${shortDigest(attached.digest)}  ${predicateType ?? attached.type}`
  const facts =
    proof === undefined
      ? []
      : [`    by ${nameOf(proof)}`, ...(proof.times.length + (proof.log === undefined ? 0 : 1) === 0 ? [] : [`    ${whenOf(proof)}`])]
  return [`  ${what}`, ...facts, ...(reason === undefined ? [] : reasonLines(reason))]
}

function demandLines({ demands }: Judgement): readonly string[] {
  return demands.map((demand) => `  ${demand.met ? '✓' : '✗'} ${demand.what}: ${demand.met ? 'there' : lacking(demand)}`)
}

function lacking({ reasons: against }: Demand): string {
  const codes = [...new Set(against.map(({ code }) => code))]
  return codes.length === 0 ? 'nothing of the kind is attached' : `nothing that is attached counts (${codes.join(', ')})`
}

function reasonLines({ code, expected, got }: Reason): readonly string[] {
  return [
    `    ${code}: ${reasons[code]}`,
    ...(expected === undefined ? [] : [`      expected ${expected}`]),
    ...(got === undefined ? [] : [`      got      ${got}`]),
  ]
}

function nameOf({ signer }: Proof): string {
  if ('key' in signer) return `key ${signer.key.hint}`
  return 'claims' in signer ? signer.claims.identity : signer.certificate.subject
}

/** As `sign` names a key. */
function shortNameOf(proof: Proof): string {
  return 'key' in proof.signer ? `key ${proof.signer.key.hint.slice(0, 8)}` : nameOf(proof)
}

function whenOf({ times, log }: Proof): string {
  const when = times.map((time) => time.toISOString()).slice(0, 1)
  return [...when, ...(log === undefined ? [] : [`${log.name} entry ${log.index}`])].join(' · ')
}
