import { createHash } from 'node:crypto'
import type { Digest } from '../../base/digest.ts'
import type { Inventory } from '../packages/package.ts'
import { purlOf } from '../packages/purl.ts'

/** What an SBOM is about, in no format: the image of one platform, and what it holds. */
export interface Bill {
  readonly subject: Subject
  readonly inventory: Inventory
  /** RFC 3339; SOURCE_DATE_EPOCH or when the image was made, so that the same image has the same SBOM. */
  readonly created: string
  /** Of Slipway. */
  readonly toolVersion: string
}

export interface Subject {
  /** Of the platform's manifest. */
  readonly digest: Digest
  /** What people call it: the last part of a repository. */
  readonly name: string
  /** `registry/repository`, where it is known. */
  readonly repository?: string
  /** `linux/arm64`. */
  readonly platform: string
  readonly architecture: string
}

/** The package URL of an image: its digest is its version (purl-spec, types/oci). */
export function imagePurl({ name, digest, repository, architecture }: Subject): string {
  return purlOf({ type: 'oci', name: name.toLowerCase(), version: digest, qualifiers: { arch: architecture, repository_url: repository } })
}

/** A UUID that follows from a text: the same for the same image and format (RFC 9562 §5.8, version 8). */
export function stableUuid(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
