import type { Distro, Package } from '../packages/package.ts'
import type { Party, Unknown } from './read/document.ts'
import { parseParty } from './read/party.ts'

/** Who makes a package: whom it names itself, else the distribution that it is of, without its version. */
export function producerOf({ producer, distro }: Pick<Package, 'producer' | 'distro'>): Party | undefined {
  const [party] = producer === undefined ? [] : parseParty(producer)
  return party ?? (distro === undefined ? undefined : { name: nameOfDistro(distro) })
}

/** What a list of packages leaves open of one of them: to be said, for what is left out may be forgotten (CISA 2026). */
export function unknownOf(found: Package): readonly Unknown[] {
  return [
    ...(found.dependsOn === undefined ? (['dependency'] as const) : []),
    ...((found.hashes ?? []).length === 0 ? (['hash'] as const) : []),
    ...(found.licenses.length === 0 ? (['license'] as const) : []),
    ...(producerOf(found) === undefined ? (['producer'] as const) : []),
    ...(found.version === '' ? (['version'] as const) : []),
  ]
}

/** What is open of an operating system, always. */
export const unknownOfSystem: readonly Unknown[] = ['hash', 'identifier', 'license']

function nameOfDistro({ id, prettyName }: Distro): string {
  const words = (prettyName ?? '').split(/\s+/)
  const version = words.findIndex((word) => /^v?\d/.test(word))
  return (version < 0 ? words : words.slice(0, version)).join(' ') || id
}

/** The archive of Java that a component is, by its name: BSI TR-03183-2 §5.2.2 asks of files, and most packages are many. */
export function archiveOf({ type, locations, hashes = [] }: Package): string | undefined {
  const path = type === 'maven' && hashes.length > 0 ? locations[0]?.path : undefined
  return path === undefined ? undefined : /([^/!]+\.[jwe]ar)$/i.exec(path)?.[1]
}
