import type { Distro, Inventory, Package } from '../../packages/package.ts'
import type { Party, SbomComponent, SbomDocument } from './document.ts'
import { add } from './multimap.ts'
import { packageHashes } from './package-hash.ts'
import { packageOf } from './package-of.ts'

/**
 * The packages that a document names, each once. A component of the kind library or application that has no package URL which is
 * understood is unscannable, and so is what the document says that it could not see.
 */
export function inventoryOfSbom({ components, gaps }: SbomDocument): Inventory {
  const system = components.find(({ kind }) => kind === 'operating-system')
  const distro = system === undefined || system.name === '' ? undefined : { id: system.name.toLowerCase(), version: system.version ?? '' }
  const found = new Map<string, Package[]>()
  const purls = new Map<string, string>()
  const unscannable = [...gaps]
  for (const component of components) {
    const one = packageFrom(component, distro)
    if (one === undefined) {
      const why = whyNot(component)
      if (why !== undefined) unscannable.push({ path: component.purl ?? component.name, why })
      continue
    }
    purls.set(component.ref, one.purl)
    add(found, one.purl, one)
  }
  const needs = needsOf(components, purls)
  const packages = [...found.values()].flatMap(merged).map((one) => {
    const dependsOn = [...(needs.get(one.purl) ?? [])].toSorted()
    return dependsOn.length === 0 ? one : { ...one, dependsOn }
  })
  return { packages: packages.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)), ...(distro === undefined ? {} : { distro }), unscannable }
}

function packageFrom(component: SbomComponent, system: Distro | undefined): Package | undefined {
  const { purl, source, version, licenses, producers, locations } = component
  const [producer] = producers
  const one = purl === undefined ? undefined : packageOf(purl, system)
  if (one === undefined) return undefined
  const declared = licenses.filter(({ is }) => is === 'declared')
  const kept = packageHashes(component)
  return {
    ...one,
    ...(one.version === '' && version !== undefined ? { version } : {}),
    ...(one.source === undefined && source !== undefined && one.distro !== undefined ? { source } : {}),
    licenses: [...new Set((declared.length > 0 ? declared : licenses).map(({ text }) => text))],
    ...(producer === undefined ? {} : { producer: nameOf(producer) }),
    locations,
    ...(kept.length === 0 ? {} : { hashes: kept }),
  }
}

function nameOf({ name, contact }: Party): string {
  return contact === undefined ? name : `${name} <${contact}>`
}

function whyNot({ kind, purl }: SbomComponent): string | undefined {
  if (purl !== undefined) return 'its package URL is of no kind that is known'
  return kind === 'library' ? 'it has no package URL' : undefined
}

/** One package that a document has several times, each time in another place. */
function merged(all: readonly Package[]): readonly Package[] {
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return all
  const places = new Map(all.flatMap(({ locations }) => locations.map((place) => [`${place.path} ${place.layer ?? ''}`, place])))
  return [{ ...first, locations: [...places.values()], licenses: [...new Set(all.flatMap(({ licenses }) => licenses))] }]
}

function needsOf(components: readonly SbomComponent[], purls: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { ref, needs = [] } of components) {
    const purl = purls.get(ref)
    if (purl === undefined) continue
    const known = found.get(purl) ?? new Set()
    for (const need of needs) {
      const needed = purls.get(need)
      if (needed !== undefined && needed !== purl) known.add(needed)
    }
    found.set(purl, known)
  }
  return found
}
