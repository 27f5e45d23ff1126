import { githubServices } from '../../domain/sigstore/instance/instance.ts'
import type { PolicyDocument } from '../../domain/sigstore/verify/policy-document.ts'
import { outputPath } from '../../spec/output.ts'
import type { Sections } from '../../spec/record/record.ts'

/** What a run wrote about an image, as its release record has it. */
export interface Written {
  readonly signatures: Sections['signatures']
  readonly attestations: Sections['attestations']
}

/** Whom and what a record says to expect. */
export interface Expected extends Pick<PolicyDocument, 'signers' | 'threshold' | 'require'> {
  /** `always` where all of it is in a log: then it must be. `never` where the Sigstore that signed has none. */
  readonly log?: 'always' | 'never'
  /** Trusted root of GitHub's own Sigstore, where that signed. */
  readonly root?: string
  /** The public keys as PEM, by the names that they have among the signers. */
  readonly keys: ReadonlyMap<string, string>
}

/** Exactly who signed in this run, each of them, and every kind of attestation that it wrote; no signer where nothing is signed. */
export function asSigned({ signatures, attestations }: Written): Expected {
  const pems = unique(signatures.flatMap(({ publicKey }) => publicKey ?? []))
  const names = pems.map((_, at) => (pems.length === 1 ? outputPath('sign', 'public-key') : `key ${at + 1} of the release record`))
  const identities = new Map(
    signatures.flatMap(({ identity, issuer }) =>
      identity === undefined || issuer === undefined ? [] : [[`${issuer} ${identity}`, { identity, issuer }] as const],
    ),
  )
  const signers = [...names.map((key) => ({ key })), ...identities.values()]
  return {
    signers,
    threshold: Math.max(1, signers.length),
    require: unique(attestations.map(({ predicateType }) => predicateType)).map((predicate) => ({ predicate })),
    keys: new Map(names.map((name, at) => [name, pems[at] ?? ''])),
    ...logOf(signatures),
    ...(byIdentity(signatures).some(({ authority }) => authority === githubServices.authority) ? { root: 'sigstore:github' } : {}),
  }
}

function logOf(signatures: Sections['signatures']): Pick<Expected, 'log'> {
  if (signatures.every(({ log }) => log !== undefined)) return { log: 'always' }
  return byIdentity(signatures).some(({ logs }) => logs?.length === 0) ? { log: 'never' } : {}
}

function byIdentity(signatures: Sections['signatures']): Sections['signatures'] {
  return signatures.filter(({ issuer }) => issuer !== undefined)
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
