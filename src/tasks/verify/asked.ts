import { resolve } from 'node:path'
import { policyEmpty, policyInvalid } from '../../domain/sigstore/verify/errors.ts'
import { checkPolicy, type PolicyDocument } from '../../domain/sigstore/verify/policy-document.ts'
import { readText } from '../../io/files.ts'
import type { InputOf } from '../../spec/define.ts'
import { asSigned, type Expected, type Written } from './as-signed.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const mostPolicy = 256 * 1024

/** A policy with the public keys that are not to be read from files. */
export interface Asked {
  readonly document: PolicyDocument
  readonly keys: ReadonlyMap<string, string>
  /** Whether neither a policy nor a signer is given, so that the record says whom to trust. */
  readonly assumed: boolean
  /** Trusted root of the Sigstore that signed, as the record says. */
  readonly root?: string | undefined
}

interface Surroundings {
  readonly workspace: string
  readonly trustedRoot: string | undefined
  /** What the record has of the image. */
  readonly written: Written
}

/** The policy that the inputs ask for, or the file that they name. Trusted roots of the inputs count where the file names none. */
export async function askedPolicy(input: Input, { workspace, trustedRoot, written }: Surroundings): Promise<Asked> {
  const asked = input.policy === undefined ? fromInputs(input, written) : await fromFile(input.policy, workspace)
  const named = asked.document['trusted-roots']
  const byDefault = trustedRoot ?? (input.tufUrl !== undefined ? 'sigstore:tuf' : asked.root)
  const roots = [named, input.trustedRoot, byDefault === undefined ? [] : [byDefault]].find((names) => names.length > 0) ?? []
  const isByKey = asked.document.signers.every((signer) => 'key' in signer)
  if (asked.assumed && isByKey && asked.document.log === 'always' && roots.length === 0) {
    throw policyInvalid('This run has entered its signatures in a log, and no trusted root says which logs to believe.', {
      hint: 'trusted-root: sigstore:public, or for a log of your own its trusted_root.json',
    })
  }
  return { ...asked, document: { ...asked.document, 'trusted-roots': [...roots] } }
}

async function fromFile(policy: string, workspace: string): Promise<Asked> {
  const { parsePolicy } = await import('../../domain/sigstore/verify/policy-file.ts')
  return { document: parsePolicy(await readText(resolve(workspace, policy), mostPolicy), policy), keys: new Map(), assumed: false }
}

function fromInputs(input: Input, written: Written): Asked {
  const signers = namedSigners(input)
  const assumed = signers.length === 0 && input.asSigned
  const { keys, root, ...expected }: Named = assumed ? asSigned(written) : { signers, keys: new Map() }
  if (expected.signers.length > 0) return { document: documentOf(input, expected), keys, assumed, root }
  if (!assumed) {
    throw policyEmpty('No `key`, `identity`, `repository` or `policy` is given: every image would pass.', {
      hint: 'identity: https://github.com/OWNER/REPOSITORY/.github/workflows/FILE@refs/heads/main, with its issuer',
    })
  }
  throw policyEmpty('Whom to trust is left to the release record, which has no signature of this image.', {
    hint: 'run `sign` before, or give `policy`, `key` or `identity`',
  })
}

function namedSigners(input: Input): readonly object[] {
  const { issuer, repository, workflow, ref, trigger, runner } = input
  const claims = present({ 'identity-regexp': input.identityRegexp, issuer, repository, workflow, ref, trigger, runner })
  const identities =
    input.identity.length === 0 && issuer !== undefined ? [claims] : input.identity.map((identity) => ({ ...claims, identity }))
  return [...input.key.map((key) => ({ key })), ...identities]
}

type Named = Partial<Omit<Expected, 'signers' | 'keys'>> & { readonly signers: readonly object[]; readonly keys: Expected['keys'] }

function documentOf(input: Input, { require = [], log: known, ...expected }: Omit<Named, 'keys' | 'root'>): PolicyDocument {
  const { dockerReference, maxAge } = input
  // What the record knows to be in a log must be; that there is no log is what the inputs may doubt.
  const log = known === 'always' ? known : (input.log ?? known)
  const demanded = [...required(input), ...require]
  const annotations = Object.keys(input.annotations).length === 0 ? undefined : input.annotations
  return checkPolicy(
    present({ log, 'docker-reference': dockerReference, annotations, 'max-age': age(maxAge), require: demanded, ...expected }),
    'the inputs',
  )
}

function required({ require, builder, source }: Input): readonly object[] {
  const isProvenance = builder !== undefined || source !== undefined
  const others = require.filter((predicate) => !(isProvenance && predicate === 'slsa-provenance')).map((predicate) => ({ predicate }))
  return isProvenance ? [...others, present({ predicate: 'slsa-provenance', builder, source })] : others
}

function age(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : `${milliseconds}ms`
}

function present<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>
}
