/** What cosign 3.1 and 2.5 wrote at the lab's Sigstore (Fulcio, Rekor 2 and 1, a timestamp authority), recorded once. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, sha256 } from '../../../base/digest.ts'
import { parsePublicKey } from '../keys/public-key.ts'
import type { Attached } from './attached.ts'
import type { IdentityRule, KeyRule, Policy } from './policy.ts'
import { parseTrustRoot } from './trust-root.ts'

/** The image that all of it is about. */
export const image: Digest = 'sha256:9332f35aa3eb82207bcf390b61d83f1dc9064b965361ed190c4b4ea8baa46252'
/** As its manifest is: of Docker’s type. */
export const subject = { mediaType: 'application/vnd.docker.distribution.manifest.v2+json', digest: image, size: manifest().length }
/** A moment after all of it was signed. */
export const after = Date.parse('2026-11-21T22:00:00Z')

export function recorded(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'fixtures', name))
}

function manifest(): Buffer {
  return Buffer.from(JSON.parse(recorded('image.json').toString()).manifest, 'base64')
}

export const root = parseTrustRoot(recorded('trusted-root.json'), 'trusted-root.json')

/** Who signed all of it that has a certificate, but for main-evil. */
export const release: IdentityRule = {
  kind: 'identity',
  issuer: 'http://127.0.0.1:45069/github',
  identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
}

export const key: KeyRule = { kind: 'key', name: 'cosign.pub', key: parsePublicKey(recorded('cosign.pub').toString(), 'cosign.pub') }

export const keyless: Policy = { signers: [release], roots: [root], threshold: 1, log: 'keyless', require: [] }
export const keyed: Policy = { signers: [key], roots: [], threshold: 1, log: 'keyless', require: [] }

export function bundle(bytes: Buffer): Attached {
  return {
    digest: sha256(bytes),
    from: 'referrer',
    format: 'bundle',
    type: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    bytes,
    annotations: {},
  }
}

/** A layer under a `.sig` tag, from a file with its payload and annotations. */
export function legacy(name: string, annotations: Readonly<Record<string, string>> = {}): Attached {
  const layer = JSON.parse(recorded(name).toString()) as { payload: string; annotations: Record<string, string> }
  const bytes = Buffer.from(layer.payload)
  return {
    digest: sha256(bytes),
    from: 'sha256-….sig',
    format: 'signature',
    type: 'application/vnd.dev.cosign.simplesigning.v1+json',
    bytes,
    annotations: { ...layer.annotations, ...annotations },
  }
}

/** A recorded bundle with one value in its JSON replaced; undefined removes it. `path`: `dsseEnvelope.signatures.0.sig`. */
export function changed(name: string, path: string, replace: (old: unknown) => unknown): Attached {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const document: unknown = JSON.parse(recorded(name).toString())
  const holder = keys.reduce((value, each) => Reflect.get(Object(value), each), document)
  Reflect.set(Object(holder), last, replace(Reflect.get(Object(holder), last)))
  return bundle(Buffer.from(JSON.stringify(document)))
}

/** One bit of the last byte of what a base64 text holds, turned. */
export function flipped(base64: unknown): string {
  const bytes = Buffer.from(String(base64), 'base64')
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]).toString('base64')
}
