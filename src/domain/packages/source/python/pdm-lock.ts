import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { normalized, requiredName } from '../../languages/python.ts'
import { lockFile } from '../lock-file.ts'
import { tomlDocument } from '../toml.ts'

const text = v.string()
const listed = v.object({
  name: text,
  version: text,
  groups: v.optional(v.array(text), []),
  dependencies: v.optional(v.array(text), []),
  path: v.optional(text),
})
const document = v.object({ package: v.optional(v.array(listed), []) })
type Listed = v.InferOutput<typeof listed>

/** The file names groups for development and those that a user may choose alike: these names are for development by custom. */
const development = new Set(['dev', 'development', 'test', 'tests', 'testing', 'lint', 'docs', 'doc', 'typing'])

/** `pdm.lock`. What has a path is the project's own. */
export const pdmLock = lockFile('pdm.lock', (content) => ({
  packages: v
    .parse(document, tomlDocument(content), { abortEarly: true })
    .package.filter(({ path }) => path === undefined)
    .map(draftOf),
}))

function draftOf({ name, version, groups, dependencies }: Listed): Draft {
  const needs = dependencies.flatMap((one) => requiredName(one) ?? [])
  return {
    type: 'pypi',
    name: normalized(name),
    version,
    key: normalized(name),
    licenses: [],
    ...(groups.length > 0 && groups.every((group) => development.has(group)) ? { scope: 'development' } : {}),
    ...(needs.length === 0 ? {} : { needs }),
  }
}
