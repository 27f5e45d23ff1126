import type { Draft, Find, Placed } from './cataloguer.ts'
import { dependenciesOf } from './dependencies.ts'
import type { Distro, Inventory, Package, Unscannable } from './package.ts'
import { purlOf } from './purl.ts'

const longestWhy = 300

/** Puts together what files told, by path: each package once, with all its places, in the order of paths. */
export function assemble(told: Iterable<readonly [string, Find]>): Inventory {
  const finds = [...told].toSorted(([a], [b]) => (a < b ? -1 : 1))
  // `etc/os-release` comes before the one in `usr/lib`, which it is meant to override.
  const distro = finds.map(([, { told }]) => told.distro).find((one) => one !== undefined)
  const licenses = new Map(
    finds.flatMap(([, { told }]) => (told.licensesOf === undefined ? [] : [[told.licensesOf.package, told.licensesOf.licenses]])),
  )
  const placed: Placed[] = []
  const unscannable: Unscannable[] = []
  for (const [path, { told, layer }] of finds) {
    if (told.unscannable !== undefined) unscannable.push({ path, why: clipped(told.unscannable) })
    for (const written of told.packages) {
      const draft = licensed(written, licenses)
      const whole = draft.inside === undefined ? path : `${path}!/${draft.inside}`
      placed.push({ draft, purl: purlOfDraft(draft, distro), location: { path: whole, ...(layer === undefined ? {} : { layer }) } })
    }
  }
  return { packages: packagesOf(placed, distro), ...(distro === undefined ? {} : { distro }), unscannable }
}

/** dpkg's own records say nothing of licences. */
function licensed(draft: Draft, licenses: ReadonlyMap<string, readonly string[]>): Draft {
  const found = draft.type === 'deb' ? licenses.get(draft.name) : undefined
  return found === undefined ? draft : { ...draft, licenses: found }
}

/** Parsers quote what they stumbled over, however long it is. */
function clipped(why: string): string {
  const [line = ''] = why.split('\n', 1)
  return line.length > longestWhy ? `${line.slice(0, longestWhy)}…` : line
}

function packagesOf(placed: readonly Placed[], distro: Distro | undefined): readonly Package[] {
  const byPurl = new Map<string, Placed[]>()
  for (const one of placed) {
    const same = byPurl.get(one.purl)
    if (same === undefined) byPurl.set(one.purl, [one])
    else same.push(one)
  }
  const dependencies = dependenciesOf(placed)
  return [...byPurl]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([purl, [first, ...others]]) => {
      if (first === undefined) return []
      const { key: _, needs: __, provides: ___, qualifiers: ____, inside: _____, scope: ______, ...draft } = first.draft
      const dependsOn = dependencies.get(purl)
      return [
        {
          ...draft,
          purl,
          ...(distro !== undefined && isOfSystem(draft) ? { distro } : {}),
          locations: [first, ...others].map(({ location }) => location),
          ...([first, ...others].every(({ draft: { scope } }) => scope === 'development') ? { scope: 'development' } : {}),
          ...(dependsOn === undefined ? {} : { dependsOn }),
        },
      ]
    })
}

function purlOfDraft(draft: Draft, distro: Distro | undefined): string {
  const { type, namespace, name, version, qualifiers = {} } = draft
  if (isOfSystem(draft)) return purlOfSystem(draft, distro)
  // The specification has these names in lower case; modules and packages are found by them as they are written.
  if (type === 'golang' || type === 'composer')
    return purlOf({ type, namespace: namespace?.toLowerCase(), name: name.toLowerCase(), version })
  return purlOf({ type, namespace, name, version, qualifiers })
}

/** The vendor is the namespace; an epoch of rpm is a qualifier, one of dpkg a part of the version (purl-spec, types). */
function purlOfSystem({ type, name, version, arch, source, qualifiers }: Draft, distro: Distro | undefined): string {
  const isOwnSource = source === undefined || (source.name === name && source.version === version)
  const upstream = isOwnSource ? undefined : source.version === version ? source.name : `${source.name}@${source.version}`
  const named = distro === undefined ? undefined : [distro.id, distro.version].filter((part) => part !== '').join('-')
  return purlOf({
    type,
    namespace: type === 'rpm' && distro?.id === 'rhel' ? 'redhat' : distro?.id,
    name,
    version: type === 'rpm' ? version.replace(/^\d+:/, '') : version,
    qualifiers: { arch, distro: named, upstream, ...qualifiers },
  })
}

function isOfSystem({ type }: Pick<Draft, 'type'>): boolean {
  return type === 'deb' || type === 'apk' || type === 'rpm'
}
