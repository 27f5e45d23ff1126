import type { Address } from './address.ts'
import type { Credentials } from './environment.ts'
import type { Ref } from './ref.ts'

/** What to check out, and where to. */
export interface CheckoutRequest {
  /** Absolute, without symbolic links. */
  readonly folder: string
  readonly address: Address
  readonly ref: Ref
  /** Full hash that the ref must lead to. */
  readonly commit?: string | undefined
  /** Commits of history to fetch; 0 for all, with every branch and tag. */
  readonly depth: number
  readonly submodules: boolean
  readonly credentials?: Credentials | undefined
  /** Variables for ssh. */
  readonly ssh: Readonly<Record<string, string | undefined>>
  /** Absolute: `.slipway`, which git must not see. */
  readonly state: string
  /** Of a submodule within submodules; 0 at the top. */
  readonly level?: number
}

export interface CheckedOut {
  /** Full hashes. */
  readonly commit: string
  readonly tree: string
  /** `refs/heads/main`; undefined for a hash. */
  readonly ref?: string
  readonly submodules: readonly Submodule[]
}

/** A repository inside of another, at the commit that the outer one names. */
export interface Submodule {
  /** Relative to the top checkout. */
  readonly path: string
  readonly url: string
  readonly commit: string
}
