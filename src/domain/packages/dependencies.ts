import type { Placed } from './cataloguer.ts'

/** The purls of what each package needs, by its purl; sorted, those that are there and can be told. */
export function dependenciesOf(placed: readonly Placed[]): ReadonlyMap<string, readonly string[]> {
  const byName = systemNames(placed)
  const modules = nodeModules(placed)
  const keys = keysInFiles(placed)
  const found = new Map<string, Set<string>>()
  for (const one of placed) {
    const { needs = [], type, key } = one.draft
    const purls = needs.flatMap((need) => {
      if (key !== undefined) return keys.get(keyIn(one, need)) ?? []
      return type === 'npm' ? resolveModule(modules, folderOf(one), need) : (byName.get(`${type} ${need}`) ?? [])
    })
    const others = purls.filter((purl) => purl !== one.purl)
    const known = found.get(one.purl) ?? new Set()
    for (const purl of others) known.add(purl)
    if (known.size > 0) found.set(one.purl, known)
  }
  return new Map([...found].map(([purl, needed]) => [purl, [...needed].toSorted()]))
}

/** What lock files list, by file and the key that it has there. */
function keysInFiles(placed: readonly Placed[]): ReadonlyMap<string, string> {
  return new Map(placed.flatMap((one) => (one.draft.key === undefined ? [] : [[keyIn(one, one.draft.key), one.purl]])))
}

function keyIn({ location }: Placed, key: string): string {
  return `${location.path}\0${key}`
}

/** Packages of a distribution by type and name, their own or one that they provide. */
function systemNames(placed: readonly Placed[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { draft, purl } of placed) {
    if (draft.type === 'npm' || draft.key !== undefined) continue
    for (const name of new Set([
      [...(draft.namespace === undefined ? [] : [draft.namespace]), draft.name].join('/'),
      ...(draft.provides ?? []),
    ])) {
      const key = `${draft.type} ${name}`
      const known = names.get(key)
      if (known === undefined) names.set(key, [purl])
      else if (!known.includes(purl)) known.push(purl)
    }
  }
  return names
}

function nodeModules(placed: readonly Placed[]): ReadonlyMap<string, string> {
  return new Map(placed.filter(({ draft }) => draft.type === 'npm' && draft.key === undefined).map((one) => [folderOf(one), one.purl]))
}

function folderOf({ location }: Placed): string {
  return location.path.slice(0, Math.max(0, location.path.lastIndexOf('/')))
}

/** As Node does: `node_modules` of the folder, then of those above it. */
function resolveModule(modules: ReadonlyMap<string, string>, folder: string, name: string): readonly string[] {
  for (let from = folder; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/')))) {
    if (!/(?:^|\/)node_modules$/.test(from)) {
      const purl = modules.get([...(from === '' ? [] : [from]), 'node_modules', name].join('/'))
      if (purl !== undefined) return [purl]
    }
    if (from === '') return []
  }
}
