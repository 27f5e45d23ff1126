import type { PackageHash } from './package.ts'

const algorithms = { sha1: ['SHA-1', 40], sha256: ['SHA-256', 64], sha512: ['SHA-512', 128] } as const

/** The strongest hash of a text of Subresource Integrity (`sha512-…` in base64, several separated by blanks); nothing of any other text. */
export function hashesOfIntegrity(integrity: string | undefined): { readonly hashes?: readonly PackageHash[] } {
  const parts = (integrity ?? '').split(/\s+/)
  for (const name of ['sha512', 'sha256', 'sha1'] as const) {
    const [algorithm, length] = algorithms[name]
    const written = parts.find((part) => part.startsWith(`${name}-`))?.slice(name.length + 1)
    const hex = Buffer.from(written ?? '', 'base64').toString('hex')
    if (hex.length === length) return { hashes: [{ algorithm, hex }] }
  }
  return {}
}
