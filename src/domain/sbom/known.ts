import type { Distro, Package } from '../packages/package.ts'
import type { Unknown } from './read/document.ts'

/** Who makes the packages of a distribution: its name as `os-release` has it, without the version. */
export function producerOf({ distro }: Pick<Package, 'distro'>): string | undefined {
  return distro === undefined ? undefined : nameOfDistro(distro)
}

/** What a list of packages leaves open of one of them: to be said, for what is left out may be forgotten (CISA 2026). */
export function unknownOf(found: Package): readonly Unknown[] {
  return [
    ...(found.dependsOn === undefined ? (['dependency'] as const) : []),
    ...((found.hashes ?? []).length === 0 ? (['hash'] as const) : []),
    ...(found.licenses.length === 0 ? (['license'] as const) : []),
    ...(found.distro === undefined ? (['producer'] as const) : []),
    ...(found.version === '' ? (['version'] as const) : []),
  ]
}

/** What is open of an operating system, always. */
export const unknownOfSystem: readonly Unknown[] = ['hash', 'identifier', 'license']

function nameOfDistro({ id, prettyName }: Distro): string {
  return prettyName?.replace(/\s+v?\d.*$/s, '') ?? id
}

/** The archive of Java that a component is, by its name: BSI TR-03183-2 §5.2.2 asks of files, and most packages are many. */
export function archiveOf({ type, locations, hashes = [] }: Package): string | undefined {
  const path = type === 'maven' && hashes.length > 0 ? locations[0]?.path : undefined
  return path === undefined ? undefined : /([^/!]+\.[jwe]ar)$/i.exec(path)?.[1]
}
