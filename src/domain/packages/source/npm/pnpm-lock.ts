import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { hashesOfIntegrity } from '../../integrity.ts'
import { npmNameOf } from '../../languages/npm.ts'
import { lockFile } from '../lock-file.ts'
import { developmentOnly } from '../reach.ts'
import { yamlDocuments } from '../yaml.ts'

const text = v.string()
const names = v.optional(v.record(text, text), {})
const wanted = v.optional(
  v.record(
    text,
    v.union([
      text,
      v.pipe(
        v.object({ version: text }),
        v.transform(({ version }) => version),
      ),
    ]),
  ),
  {},
)
const project = v.object({ dependencies: wanted, optionalDependencies: wanted, devDependencies: wanted })
const listed = v.object({
  name: v.optional(text),
  version: v.optional(text),
  resolution: v.optional(v.object({ integrity: v.optional(text) })),
  dependencies: names,
  optionalDependencies: names,
})
const document = v.object({
  ...project.entries,
  importers: v.optional(v.record(text, project)),
  packages: v.optional(v.record(text, listed), {}),
  snapshots: v.optional(v.record(text, listed)),
})
type Document = v.InferOutput<typeof document>
type Listed = v.InferOutput<typeof listed>
type Names = Readonly<Record<string, string>>

const longestKey = 4096

/** `pnpm-lock.yaml`, versions 5 to 9; of version 11 of pnpm also the document that pnpm itself has before the project's. */
export const pnpmLock = lockFile('pnpm-lock.yaml', (content) => ({
  packages: yamlDocuments(content).flatMap((one) => draftsOf(v.parse(document, one, { abortEarly: true }))),
}))

function draftsOf({ importers, packages, snapshots, ...single }: Document): readonly Draft[] {
  const places: Readonly<Record<string, Listed>> = snapshots ?? packages
  const keyOf = ([name, reference]: readonly [string, string]): readonly string[] =>
    [reference, `${name}@${reference}`, `/${name}@${reference}`, `/${name}/${reference}`]
      .filter((key) => Object.hasOwn(places, key))
      .slice(0, 1)
  const keysOf = (needs: Names): readonly string[] => Object.entries(needs).flatMap(keyOf)
  const needsOf = (key: string): readonly string[] => keysOf({ ...places[key]?.optionalDependencies, ...places[key]?.dependencies })
  const projects = Object.values(importers ?? { '.': single })
  const isDevelopment = developmentOnly(
    {
      runtime: projects.flatMap((one) => [...keysOf(one.dependencies), ...keysOf(one.optionalDependencies)]),
      development: projects.flatMap((one) => keysOf(one.devDependencies)),
    },
    needsOf,
  )
  return Object.entries(places).flatMap(([key, place]): readonly Draft[] => {
    const bare = withoutPeers(key)
    const { name, version, resolution } = { ...packages[bare], ...place, ...(packages[bare] ?? place) }
    const found = identityOf(bare, name, version)
    if (found === undefined) return []
    const needs = needsOf(key)
    return [
      {
        type: 'npm',
        ...found,
        key,
        licenses: [],
        ...hashesOfIntegrity(resolution?.integrity),
        ...(isDevelopment(key) ? { scope: 'development' } : {}),
        ...(needs.length === 0 ? {} : { needs }),
      },
    ]
  })
}

/** `/a@1.0.0(react@18.0.0)` was made for one choice of what others bring. */
function withoutPeers(key: string): string {
  const end = key.indexOf('(')
  return end < 0 ? key : key.slice(0, end)
}

/**
 * `/name/1.0.0_peer@1.0.0` until version 5, `/name@1.0.0` in 6, `name@1.0.0` from then on; what comes from elsewhere has fields that say
 * what it is, and a folder of the project is none.
 */
function identityOf(
  key: string,
  name: string | undefined,
  version: string | undefined,
): { readonly namespace?: string; readonly name: string; readonly version: string } | undefined {
  if (key.length > longestKey) throw new Error(`it has a key of ${key.length} characters, expected at most ${longestKey}`)
  if (/(?:^|@)(?:file|link|workspace):/.test(key)) return undefined
  const [, written, reference = ''] =
    /^\/?((?:@[^/@]+\/)?[^/@]+)@(.+)$/.exec(key) ?? /^(?:\/|[^/@]+\.[^/@]+\/)((?:@[^/@]+\/)?[^/@]+)\/([^/_]+)(?:_.*)?$/.exec(key) ?? []
  const named = npmNameOf(name ?? written ?? '')
  return named === undefined ? undefined : { ...named, version: version ?? (/^\d/.test(reference) ? reference : '') }
}
