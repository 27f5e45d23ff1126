import { type Digest, hexOf, sha256 } from '../../base/digest.ts'
import { purlOf } from '../packages/purl.ts'
import type { Status } from './schema.ts'

/** What is stated of a vulnerability of a package in an image. `fixed` is nobody's to say who finds it. */
export interface Assertion {
  readonly id: string
  readonly aliases: readonly string[]
  readonly purl: string
  readonly subjects: readonly Digest[]
  readonly status: Exclude<Status, 'fixed'>
  readonly justification?: string | undefined
  readonly impact?: string | undefined
  readonly action?: string | undefined
}

interface About {
  /** registry/repository, or what the image is called. */
  readonly name: string
  readonly author: string
  /** RFC 3339. */
  readonly timestamp: string
}

/**
 * Assertions as an OpenVEX 0.2.0 document; undefined where there are none, as a document without statements is none. Each product is there
 * under its package URL and as repository@digest: some readers know only the one, some only the other. The identifier is of the content.
 */
export function vexOf(assertions: readonly Assertion[], { name, author, timestamp }: About): string | undefined {
  if (assertions.length === 0) return undefined
  const statements = assertions
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map(({ id, aliases, purl, subjects, status, justification, impact, action }) => ({
      vulnerability: { name: id, ...(aliases.length === 0 ? {} : { aliases }) },
      products: [...new Set(subjects)].toSorted().flatMap((digest) => productsOf(digest, name, purl)),
      status,
      ...(justification === undefined ? {} : { justification }),
      ...(impact === undefined ? {} : { impact_statement: impact }),
      ...(action === undefined ? {} : { action_statement: action }),
    }))
  const id = `https://github.com/slipway-ci/slipway/vex/${hexOf(sha256(JSON.stringify([author, statements])))}`
  const document = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': id,
    author,
    timestamp,
    version: 1,
    tooling: 'slipway scan',
    statements,
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function productsOf(digest: Digest, name: string, purl: string): readonly object[] {
  const repository = name.includes('/') ? name : undefined
  const oci = purlOf({
    ...{ type: 'oci', name: name.split('/').at(-1) ?? name, version: digest },
    qualifiers: { repository_url: repository },
  })
  const about = { hashes: { [digest.startsWith('sha512') ? 'sha-512' : 'sha-256']: hexOf(digest) }, subcomponents: [{ '@id': purl }] }
  return [
    { '@id': oci, identifiers: { purl: oci }, ...about },
    { '@id': `${name}@${digest}`, ...about },
  ]
}

function keyOf({ id, purl }: Assertion): string {
  return `${id} ${purl}`
}
