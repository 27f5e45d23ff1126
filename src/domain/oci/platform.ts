import type { Platform } from './types.ts'

/** `os/architecture[/variant]`, as people write it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

/** Reads `linux/arm64` or `linux/arm/v7`; undefined when it is neither. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?$/.exec(text) ?? []
  if (os === undefined || architecture === undefined) return undefined
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}

/** Whether an image for one platform is the other's, with the variants that are understood when none is written (containerd's rule). */
export function isSamePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && variantOf(a) === variantOf(b)
}

function variantOf({ architecture, variant }: Platform): string {
  if (variant !== undefined) return variant
  return ({ arm64: 'v8', arm: 'v7', amd64: 'v1' } as const)[architecture] ?? ''
}
