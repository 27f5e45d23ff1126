import * as v from 'valibot'
import type { Draft } from '../cataloguer.ts'
import { lockFile } from './lock-file.ts'
import { tomlDocument } from './toml.ts'

const text = v.string()
const listed = v.object({
  name: text,
  version: text,
  source: v.optional(text),
  checksum: v.optional(text),
  dependencies: v.optional(v.array(text), []),
})
const document = v.object({ package: v.optional(v.array(listed), []) })
type Listed = v.InferOutput<typeof listed>

/** `Cargo.lock`, every version. Crates without a source are the project's own. It does not say what is only for development: all is listed. */
export const cargoLock = lockFile('Cargo.lock', (content) => {
  const all = v.parse(document, tomlDocument(content), { abortEarly: true }).package
  const byName = Map.groupBy(all, ({ name }) => name)
  return { packages: all.filter(({ source }) => source !== undefined).map((one) => draftOf(one, byName)) }
})

function draftOf({ name, version, checksum, dependencies }: Listed, byName: ReadonlyMap<string, readonly Listed[]>): Draft {
  const needs = dependencies.map((one) => {
    // `name`, with the version only where there are several, with the source only where that is not enough.
    const [needed = '', at] = one.split(' ')
    return `${needed} ${at ?? byName.get(needed)?.[0]?.version}`
  })
  return {
    type: 'cargo',
    name,
    version,
    key: `${name} ${version}`,
    licenses: [],
    ...(/^[0-9a-f]{64}$/.test(checksum ?? '') && checksum !== undefined ? { hashes: [{ algorithm: 'SHA-256', hex: checksum }] } : {}),
    ...(needs.length === 0 ? {} : { needs }),
  }
}
