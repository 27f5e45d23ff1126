import { type Digest, isDigest } from '../../base/digest.ts'
import type { Subject } from './bill.ts'
import type { SbomDocument } from './read/document.ts'
import { packageHashes } from './read/package-hash.ts'
import { parsePurl } from './read/parse-purl.ts'

/** The phases of CycloneDX (1.5 and newer). */
const phases = ['design', 'pre-build', 'build', 'post-build', 'operations', 'discovery', 'decommission']

/**
 * The digests by which a document names the image that it is about, of its manifest or of its configuration; none where it is about
 * something else, or does not say. Syft has the manifest in the version, Trivy the configuration in a property, others a hash.
 */
export function namedImages({ subject }: SbomDocument): readonly Digest[] {
  if (subject === undefined) return []
  const { kind, version, purl, hashes, properties } = subject
  const parts = purl === undefined ? undefined : parsePurl(purl)
  const texts = [
    version,
    ...(parts?.type === 'oci' || parts?.type === 'docker' ? [parts.version] : []),
    // SPDX 2.2 has no kinds; the hash of what is no image is that of a file.
    ...hashes.filter(({ algorithm }) => kind === 'container' && algorithm === 'SHA-256').map(({ hex }) => `sha256:${hex}`),
    ...['aquasecurity:trivy:ImageID', 'ImageID'].flatMap((name) => properties.get(name) ?? []),
    ...['aquasecurity:trivy:RepoDigest', 'RepoDigest'].flatMap((name) => properties.get(name) ?? []).map((one) => one.replace(/^.*@/, '')),
  ]
  return [...new Set(texts.flatMap((text) => (text !== undefined && isDigest(text) ? [text] : [])))]
}

/** What a document is about, for one that is written from it. */
export function subjectOfDocument({ subject, contexts }: SbomDocument, fallback: string): Subject {
  const phase = contexts.map((one) => phases.find((known) => one.toLowerCase().includes(known))).find((one) => one !== undefined)
  return {
    kind: kindOf(subject?.kind),
    name: subject === undefined || subject.name === '' ? fallback : subject.name,
    ...(subject?.version === undefined ? {} : { version: subject.version }),
    ...(subject?.purl === undefined ? {} : { purl: subject.purl }),
    hashes: subject === undefined ? [] : packageHashes(subject),
    ...(phase === undefined ? {} : { phase }),
  }
}

function kindOf(kind: string | undefined): Subject['kind'] {
  return kind === 'container' || kind === 'library' ? kind : 'application'
}
