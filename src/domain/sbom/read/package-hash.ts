import type { PackageHash } from '../../packages/package.ts'
import type { SbomComponent } from './document.ts'

const digits: Readonly<Record<PackageHash['algorithm'], number>> = { 'SHA-1': 40, 'SHA-256': 64, 'SHA-512': 128 }

/** The hashes of a component that are kept: of an algorithm that is written again, and as long as its hashes are. */
export function packageHashes({ hashes }: Pick<SbomComponent, 'hashes'>): readonly PackageHash[] {
  return hashes.flatMap(({ algorithm, hex }) => {
    const isKept = algorithm === 'SHA-1' || algorithm === 'SHA-256' || algorithm === 'SHA-512'
    return isKept && hex.length === digits[algorithm] && /^[0-9a-f]*$/.test(hex) ? [{ algorithm, hex }] : []
  })
}
