/** Who a signature is by: a key, named by its hint, or the holder of a short-lived certificate. */
export type SignedBy =
  | { readonly kind: 'key'; readonly hint: string; readonly pem: string }
  | {
      readonly kind: 'certificate'
      /** DER. */
      readonly leaf: Buffer
      /** PEM. */
      readonly pem: string
      /** PEM of what issued it, up to the root. */
      readonly chain: string
    }

/** An entry of a transparency log as bundles hold it: TransparencyLogEntry of sigstore_rekor.proto, as JSON. */
export interface LogEntry {
  readonly logIndex?: string
  readonly logId: { readonly keyId: string }
  readonly kindVersion: { readonly kind: string; readonly version: string }
  readonly integratedTime?: string
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string }
  readonly inclusionProof?: {
    readonly logIndex?: string
    readonly rootHash: string
    readonly treeSize: string
    readonly hashes?: readonly string[]
    readonly checkpoint: { readonly envelope: string }
  }
  readonly canonicalizedBody: string
}

/** A signature with all that vouches for it. */
export interface Signed {
  /** What was signed, where it has spaces behind it that were not asked for. */
  readonly payload?: Buffer
  readonly signature: Buffer
  readonly by: SignedBy
  readonly entries: readonly LogEntry[]
  /** Answers of timestamp authorities (RFC 3161), DER. */
  readonly timestamps: readonly Buffer[]
}
