import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import { type Digest, sha256 } from '../../../base/digest.ts'
import { parseDuration } from '../../../base/duration.ts'
import { messageOf } from '../../../base/errors.ts'
import { NotRegular, parseRegular, type Regular } from '../../../base/regular.ts'
import { readBytes, readText } from '../../../io/files.ts'
import { type KeyPorts, loadPublicKey } from '../keys/key-reference.ts'
import { type PublicKey, parsePublicKey } from '../keys/public-key.ts'
import { policyEmpty, policyInvalid } from './errors.ts'
import { parseSubjectName } from './notation/subject-name.ts'
import type { IdentityRule, KeyRule, NotationRule, Policy, SignerRule } from './policy.ts'
import type { PolicyDocument } from './policy-document.ts'
import { parseTrustRoot } from './trust-root.ts'

/** In bytes: the public trusted root has about 10 kB. */
const mostRoot = 4 * 2 ** 20

/** A policy with its keys and roots read. */
export interface LoadedPolicy {
  readonly policy: Policy
  /** Over the policy and the content of all that it names: equal digests, equal decisions. */
  readonly digest: Digest
}

export interface PolicyPorts extends KeyPorts {
  /** Public keys as PEM that are at hand, under the names that the policy has for them: they are not read. */
  readonly keys?: ReadonlyMap<string, string>
  /** The trusted root behind a name such as `sigstore:public`, which is the one of identities where the policy names none. */
  readonly readRoot?: (name: string) => Promise<Buffer>
}

/** Reads what a policy names; paths start at the workspace. Throws SW-VERIFY-POLICY-EMPTY, -INVALID, SW-TRUST-ROOT-INVALID, SW-KEY-…, SW-FILE-…. */
export async function loadPolicy(document: PolicyDocument, ports: PolicyPorts): Promise<LoadedPolicy> {
  if (document.signers.length === 0) throw policyEmpty('The policy names no signer, expected a key or an identity.')
  if (document.threshold > document.signers.length) {
    throw policyInvalid(`threshold is ${document.threshold}, and the policy names ${document.signers.length} signers.`)
  }
  const signers = await Promise.all(document.signers.map((one) => signerOf(one, ports)))
  const files = await Promise.all(rootsOf(document, signers, ports).map(async (name) => ({ name, bytes: await readRoot(name, ports) })))
  if (files.length === 0 && signers.some(({ kind }) => kind === 'identity')) {
    throw policyInvalid('The policy trusts identities, and no trusted root says which authorities may vouch for them.', {
      hint: 'trusted-root: trusted_root.json, or the variable SIGSTORE_TRUSTED_ROOT',
    })
  }
  const contents = [...signers.map(contentOf), ...files.map(({ bytes }) => sha256(bytes))]
  return {
    policy: {
      signers,
      roots: files.map(({ name, bytes }) => parseTrustRoot(bytes, name)),
      threshold: document.threshold,
      log: document.log,
      reference: document['docker-reference'],
      annotations: document.annotations,
      maxAge: milliseconds(document['max-age']),
      require: document.require.map((one) => ({ ...one, maxAge: milliseconds(one['max-age']) })),
    },
    digest: sha256(JSON.stringify([document, contents])),
  }
}

const publicRoot = 'sigstore:public'

function rootsOf(document: PolicyDocument, signers: readonly SignerRule[], { readRoot }: PolicyPorts): readonly string[] {
  const named = document['trusted-roots']
  return named.length === 0 && readRoot !== undefined && signers.some(({ kind }) => kind === 'identity') ? [publicRoot] : named
}

function readRoot(name: string, { workspace, readRoot: read }: PolicyPorts): Promise<Buffer> {
  return read !== undefined && name.startsWith('sigstore:') ? read(name) : readBytes(resolve(workspace, name), mostRoot)
}

/** What is behind the names that a policy has for keys and certificates. */
function contentOf(rule: SignerRule): string {
  if (rule.kind === 'key') return rule.key.hint
  return rule.kind === 'notation' ? rule.authorities.map(({ fingerprint512 }) => fingerprint512).join() : ''
}

async function signerOf(one: PolicyDocument['signers'][number], ports: PolicyPorts): Promise<SignerRule> {
  if ('key' in one) return { kind: 'key', name: one.key, key: await publicKey(one.key, ports) } satisfies KeyRule
  if ('notation' in one) return notationRule(one, ports)
  if (!('identity-regexp' in one)) return { kind: 'identity', ...one } satisfies IdentityRule
  const { 'identity-regexp': text, ...rest } = one
  return { kind: 'identity', ...rest, pattern: { text, regular: regularOf(text) } } satisfies IdentityRule
}

async function publicKey(name: string, ports: PolicyPorts): Promise<PublicKey> {
  const pem = ports.keys?.get(name)
  return pem === undefined ? loadPublicKey(name, ports) : parsePublicKey(pem, name)
}

function regularOf(text: string): Regular {
  try {
    const regular = parseRegular(text)
    if (!regular.accepts('')) return regular
  } catch (thrown) {
    if (!(thrown instanceof NotRegular)) throw thrown
    throw policyInvalid(`identity-regexp "${text}" is not used here: ${thrown.message}.`, {
      hint: 'identity, where the name is known whole',
    })
  }
  throw policyInvalid(`identity-regexp "${text}" takes even no identity at all, expected one that says who.`)
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

async function notationRule(
  one: { readonly notation: string; readonly subject: string },
  { workspace }: PolicyPorts,
): Promise<NotationRule> {
  const subject = parseSubjectName(one.subject)
  if (subject === undefined) throw policyInvalid(`subject is "${one.subject}", expected parts such as C=US, O=acme, each once, or *.`)
  const pems =
    (await readText(resolve(workspace, one.notation), mostRoot)).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (pems.length === 0) throw policyInvalid(`${one.notation} holds no certificate, expected PEM of "CERTIFICATE".`)
  return {
    kind: 'notation',
    name: one.notation,
    authorities: pems.map((pem) => certificateIn(pem, one.notation)),
    subject,
    text: one.subject,
  }
}

function certificateIn(pem: string, where: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw policyInvalid(`${where} holds a certificate that cannot be read: ${messageOf(cause)}.`, { cause })
  }
}
