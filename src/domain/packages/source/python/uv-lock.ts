import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { normalized } from '../../languages/python.ts'
import { lockFile } from '../lock-file.ts'
import { developmentOnly } from '../reach.ts'
import { tomlDocument } from '../toml.ts'

const text = v.string()
const needed = v.array(v.object({ name: text, version: v.optional(text) }))
const listed = v.object({
  name: text,
  version: v.optional(text, ''),
  source: v.optional(v.record(text, v.unknown()), {}),
  dependencies: v.optional(needed, []),
  'optional-dependencies': v.optional(v.record(text, needed), {}),
  'dev-dependencies': v.optional(v.record(text, needed), {}),
})
const document = v.object({ package: v.optional(v.array(listed), []) })
type Listed = v.InferOutput<typeof listed>

/** `uv.lock`. What the project's own packages (virtual, editable or a folder) need only in groups is for development; extras are not. */
export const uvLock = lockFile('uv.lock', (content) => {
  const all = v.parse(document, tomlDocument(content), { abortEarly: true }).package
  const byKey = new Map(all.map((one) => [keyOf(one), one]))
  const byName = Map.groupBy(all, ({ name }) => name)
  // A version is named where the file has several.
  const keysOf = (needs: v.InferOutput<typeof needed>): readonly string[] =>
    needs.flatMap(({ name, version }) => (version === undefined ? (byName.get(name) ?? []).map(keyOf) : [`${name} ${version}`]))
  const needsOf = (key: string): readonly string[] => {
    const one = byKey.get(key)
    return one === undefined ? [] : keysOf([...one.dependencies, ...Object.values(one['optional-dependencies']).flat()])
  }
  const isDevelopment = developmentOnly(
    {
      runtime: all.filter(isOwn).map(keyOf),
      development: all.flatMap((one) => keysOf(Object.values(one['dev-dependencies']).flat())),
    },
    needsOf,
  )
  return {
    packages: all
      .filter((one) => !isOwn(one))
      .map((one): Draft => {
        const needs = keysOf(one.dependencies).filter((key) => byKey.has(key))
        return {
          type: 'pypi',
          name: normalized(one.name),
          version: one.version,
          key: keyOf(one),
          licenses: [],
          ...(isDevelopment(keyOf(one)) ? { scope: 'development' } : {}),
          ...(needs.length === 0 ? {} : { needs }),
        }
      }),
  }
})

function keyOf({ name, version }: Listed): string {
  return `${name} ${version}`
}

function isOwn({ source }: Listed): boolean {
  return ['virtual', 'editable', 'directory'].some((kind) => Object.hasOwn(source, kind))
}
