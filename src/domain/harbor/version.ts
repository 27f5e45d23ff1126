/** What a Harbor can do, by its version. */
export interface Capabilities {
  /** Makes SBOMs by its scanner (2.11). */
  readonly sboms: boolean
  /** Takes Sigstore bundles for signatures (2.15). */
  readonly bundles: boolean
}

/** `v2.15.2-0d9f3c5a` as numbers; undefined for what is no version. */
export function parseVersion(text: string | undefined): readonly [number, number, number] | undefined {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+]|$)/.exec(text ?? '') ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

/** A Harbor that does not tell its version is taken for the newest: what it cannot do it says itself. */
export function capabilitiesOf(version: string | undefined): Capabilities {
  const [major = 0, minor = 0] = parseVersion(version) ?? [Number.POSITIVE_INFINITY]
  const since = (wanted: number): boolean => major > 2 || (major === 2 && minor >= wanted)
  return { sboms: since(11), bundles: since(15) }
}
