import { createHash } from 'node:crypto'
import { algorithmOf, type Digest, hexOf } from '../../base/digest.ts'
import type { Inventory, PackageHash } from '../packages/package.ts'
import { purlOf } from '../packages/purl.ts'
import type { Party, SbomDocument } from './read/document.ts'

/** What an SBOM says, in no format. */
export interface Bill {
  readonly subject: Subject
  readonly inventory: Inventory
  /** RFC 3339; SOURCE_DATE_EPOCH or when the image was made, so that the same image has the same SBOM. */
  readonly created: string
  /** Of Slipway. */
  readonly toolVersion: string
  /** What has made the SBOM that this one is written from. */
  readonly tools?: SbomDocument['tools']
  /** Who answers for the SBOM and makes what it is about. */
  readonly author?: Party
}

/** What an SBOM is about: an image of one platform, or a source tree. */
export interface Subject {
  readonly kind: 'container' | 'application' | 'library'
  readonly name: string
  readonly version?: string
  readonly purl?: string
  readonly hashes: readonly PackageHash[]
  /** `linux/arm64`. */
  readonly platform?: string
  /** The address it can be had from. */
  readonly distribution?: string
  /** When its parts were looked up, in the words of CycloneDX: `post-build` for an image, `pre-build` for sources. */
  readonly phase?: string
}

/** An image of one platform. */
export interface ImageFacts {
  /** Of the platform's manifest. */
  readonly digest: Digest
  /** Of the same bytes, in hex; BSI TR-03183-2 asks for SHA-512. */
  readonly sha512?: string
  /** What people call it: the last part of a repository. */
  readonly name: string
  /** `registry/repository`, where it is known. */
  readonly repository?: string
  readonly platform: string
  readonly architecture: string
}

/** An image as the subject of an SBOM; its digest is its version, in its package URL as well (purl-spec, types/oci). */
export function imageSubject({ digest, sha512, name, repository, platform, architecture }: ImageFacts): Subject {
  const qualifiers = { arch: architecture, repository_url: repository }
  const algorithm = algorithmOf(digest) === 'sha512' ? 'SHA-512' : 'SHA-256'
  return {
    kind: 'container',
    name: repository ?? name,
    version: digest,
    purl: purlOf({ type: 'oci', name: name.toLowerCase(), version: digest, qualifiers }),
    hashes: [
      { algorithm, hex: hexOf(digest) },
      ...(sha512 === undefined || algorithm === 'SHA-512' ? [] : [{ algorithm: 'SHA-512', hex: sha512 } as const]),
    ],
    platform,
    ...(repository === undefined ? {} : { distribution: `oci://${repository}@${digest}` }),
    phase: 'post-build',
  }
}

/** All tools that had to do with an SBOM, each once; Slipway is the last. */
export function toolsOf({ tools = [], toolVersion }: Pick<Bill, 'tools' | 'toolVersion'>): NonNullable<Bill['tools']> {
  const own = { name: 'slipway', version: toolVersion }
  const others = new Map(tools.map((one) => [JSON.stringify([one.name, one.version]), one]))
  others.delete(JSON.stringify([own.name, own.version]))
  return [...others.values(), own]
}

/** A UUID that follows from a text: the same for the same image and format (RFC 9562 §5.8, version 8). */
export function stableUuid(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
