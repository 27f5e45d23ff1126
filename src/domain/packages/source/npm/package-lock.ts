import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { hashesOfIntegrity } from '../../integrity.ts'
import { npmNameOf } from '../../languages/npm.ts'
import { lockFile } from '../lock-file.ts'

const text = v.string()
const flag = v.fallback(v.optional(v.boolean()), undefined)
const names = v.fallback(v.optional(v.record(text, text)), undefined)
const place = v.object({
  name: v.optional(text),
  version: v.optional(text),
  resolved: v.fallback(v.optional(text), undefined),
  integrity: v.fallback(v.optional(text), undefined),
  license: v.fallback(v.optional(text), undefined),
  dev: flag,
  link: flag,
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
})
type Place = v.InferOutput<typeof place>

/** Of version 1: packages in packages, as their folders lie in each other. */
interface Nested {
  readonly version?: string | undefined
  readonly integrity?: string | undefined
  readonly dev?: boolean | undefined
  readonly requires?: Readonly<Record<string, string>> | undefined
  readonly dependencies?: Readonly<Record<string, unknown>> | undefined
}
const nested: v.GenericSchema<Nested> = v.object({
  version: v.optional(text),
  integrity: v.fallback(v.optional(text), undefined),
  dev: flag,
  requires: names,
  dependencies: v.optional(v.record(text, v.unknown())),
})
const document = v.object({
  lockfileVersion: v.optional(v.number()),
  packages: v.optional(v.record(text, place)),
  dependencies: v.optional(v.record(text, v.unknown())),
})

const mostDepth = 100
const longestPath = 4096

/** npm's `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3. The project itself and its workspaces are no packages of it. */
export const packageLock = lockFile(/^(?:package-lock|npm-shrinkwrap)\.json$/, (content) => {
  const { packages, dependencies } = v.parse(document, JSON.parse(content), { abortEarly: true })
  if (packages === undefined && dependencies === undefined) return { packages: [] }
  const places = packages === undefined ? placesOf(dependencies ?? {}, '', 0) : new Map(Object.entries(packages))
  return { packages: [...places].flatMap(([path, one]) => draftsOf(path, one, places)) }
})

function placesOf(dependencies: Readonly<Record<string, unknown>>, folder: string, depth: number): ReadonlyMap<string, Place> {
  if (depth > mostDepth) throw new Error(`it nests packages more than ${mostDepth} deep`)
  const places = new Map<string, Place>()
  for (const [name, value] of Object.entries(dependencies)) {
    const { version, integrity, dev, requires, dependencies: own } = v.parse(nested, value, { abortEarly: true })
    const path = `${folder}node_modules/${name}`
    places.set(path, { version, integrity, dev, dependencies: requires })
    for (const [deeper, one] of placesOf(own ?? {}, `${path}/`, depth + 1)) places.set(deeper, one)
  }
  return places
}

/** What lies outside of `node_modules` is the project's own, and a link leads there. */
function draftsOf(path: string, one: Place, places: ReadonlyMap<string, Place>): readonly Draft[] {
  if (path.length > longestPath) throw new Error(`it has a path of ${path.length} characters, expected at most ${longestPath}`)
  const folder = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
  if (folder === undefined || one.link === true) return []
  const [alias, version] = versionOf(one)
  const whole = npmNameOf(one.name ?? alias ?? folder)
  if (whole === undefined) return []
  const wanted = Object.keys({ ...one.peerDependencies, ...one.optionalDependencies, ...one.dependencies })
  const needs = wanted.flatMap((name) => resolve(places, path, name) ?? [])
  return [
    {
      type: 'npm',
      ...whole,
      version,
      key: path,
      licenses: one.license === undefined ? [] : [one.license],
      ...hashesOfIntegrity(one.integrity),
      ...(one.dev === true ? { scope: 'development' } : {}),
      ...(needs.length === 0 ? {} : { needs }),
    },
  ]
}

/** Version 1 writes an alias as `npm:name@1.0.0`, and where it comes from instead of a version: that is then not known. */
function versionOf({ version = '' }: Place): readonly [string | undefined, string] {
  const [, alias, aliased] = /^npm:(.+)@([^@]+)$/.exec(version) ?? []
  if (aliased !== undefined) return [alias, aliased]
  return [undefined, /^\d/.test(version) ? version : '']
}

/** As Node does: `node_modules` of the package, then of the folders above it. */
function resolve(places: ReadonlyMap<string, Place>, path: string, name: string): string | undefined {
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    const found = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
    if (places.has(found)) return found
    if (from === '') return undefined
  }
}
