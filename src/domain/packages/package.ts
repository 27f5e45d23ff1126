import type { Digest } from '../../base/digest.ts'

/** The types of the purl specification that we find in images. */
export type PackageType = 'deb' | 'apk' | 'rpm' | 'npm' | 'pypi' | 'golang' | 'maven' | 'cargo' | 'nuget' | 'gem' | 'composer'

/** An operating system as `os-release` names it: `id` `debian`, `version` `12`; `codename` is `bookworm`. */
export interface Distro {
  readonly id: string
  readonly version: string
  readonly codename?: string
  readonly prettyName?: string
}

/** Where something was found: a path in the image without a leading slash, and the layer that brought it. */
export interface Location {
  readonly path: string
  readonly layer?: Digest
}

/** A hash of a package's file as an ecosystem's own records have it; `hex` is lower case. */
export interface PackageHash {
  readonly algorithm: 'SHA-1' | 'SHA-256' | 'SHA-512'
  readonly hex: string
}

/** One package that an image or a source tree has, at one version; found in several places, it is still one. */
export interface Package {
  readonly type: PackageType
  readonly namespace?: string
  readonly name: string
  readonly version: string
  /** The package URL with qualifiers; the package's identity: two packages of an image never share it. */
  readonly purl: string
  /** What the package was built from, where a distribution says so; advisories of distributions name this one. */
  readonly source?: { readonly name: string; readonly version: string }
  readonly distro?: Distro
  readonly arch?: string
  /** As declared: SPDX identifiers, expressions or the free text of a package; empty when nothing is declared. */
  readonly licenses: readonly string[]
  /** Who makes it, as its own records say: `Name <address>`, with or without the address. */
  readonly producer?: string
  readonly locations: readonly Location[]
  readonly hashes?: readonly PackageHash[]
  /** Only for building and testing: not a part of what runs. */
  readonly scope?: 'development'
  /** The purls of the packages of the same image that this one needs. */
  readonly dependsOn?: readonly string[]
}

/** Something that may hold packages and could not be read: never to be taken for "has none". */
export interface Unscannable {
  readonly path: string
  readonly why: string
}

/** What an image, or one platform of it, was found to hold; packages by purl, each once. */
export interface Inventory {
  readonly packages: readonly Package[]
  readonly distro?: Distro
  readonly unscannable: readonly Unscannable[]
}
