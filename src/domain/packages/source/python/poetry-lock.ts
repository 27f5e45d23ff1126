import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { normalized } from '../../languages/python.ts'
import { lockFile } from '../lock-file.ts'
import { tomlDocument } from '../toml.ts'

const text = v.string()
const listed = v.object({
  name: text,
  version: text,
  category: v.optional(text),
  groups: v.optional(v.array(text)),
  dependencies: v.fallback(v.optional(v.record(text, v.unknown()), {}), {}),
  source: v.optional(v.object({ type: v.optional(text) })),
})
const document = v.object({ package: v.optional(v.array(listed), []) })
type Listed = v.InferOutput<typeof listed>

/** `poetry.lock`: what is in no group `main` (until 1.4: in the category `dev`) is for development; what is in a folder is the project's own. */
export const poetryLock = lockFile('poetry.lock', (content) => ({
  packages: v
    .parse(document, tomlDocument(content), { abortEarly: true })
    .package.filter(({ source }) => source?.type !== 'directory' && source?.type !== 'file')
    .map(draftOf),
}))

function draftOf({ name, version, category = 'main', groups = [category], dependencies }: Listed): Draft {
  const needs = Object.keys(dependencies).map(normalized)
  return {
    type: 'pypi',
    name: normalized(name),
    version,
    key: normalized(name),
    licenses: [],
    ...(groups.includes('main') ? {} : { scope: 'development' }),
    ...(needs.length === 0 ? {} : { needs }),
  }
}
