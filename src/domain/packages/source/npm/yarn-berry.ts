import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { npmNameOf } from '../../languages/npm.ts'
import { yamlDocuments } from '../yaml.ts'

const text = v.string()
const entry = v.object({
  version: text,
  resolution: text,
  linkType: v.optional(text),
  dependencies: v.optional(v.record(text, text), {}),
})
type Entry = v.InferOutput<typeof entry>

/** `yarn.lock` since version 2, in YAML. What is linked is a folder of the project. Its checksums are of Yarn's own archives. */
export function yarnBerry(content: string): readonly Draft[] {
  const [whole] = yamlDocuments(content)
  const { __metadata: _, ...written } = v.parse(v.record(text, v.unknown()), whole, { abortEarly: true })
  const entries = Object.entries(written).map(
    ([patterns, value]) => [patterns.split(/,\s*/), v.parse(entry, value, { abortEarly: true })] as const,
  )
  const keys = new Map(entries.flatMap(([patterns, { resolution }]) => patterns.map((pattern) => [pattern, resolution])))
  return entries.flatMap(([, one]) => draftsOf(one, keys))
}

function draftsOf({ version, resolution, linkType, dependencies }: Entry, keys: ReadonlyMap<string, string>): readonly Draft[] {
  const named = npmNameOf(/^((?:@[^/]+\/)?[^@/]+)@/.exec(resolution)?.[1] ?? '')
  if (named === undefined || linkType === 'soft') return []
  // Until version 3 of the file a range stands without its protocol.
  const needs = Object.entries(dependencies).flatMap(
    ([name, range]) => keys.get(`${name}@${range}`) ?? keys.get(`${name}@npm:${range}`) ?? [],
  )
  return [{ type: 'npm', ...named, version, key: resolution, licenses: [], ...(needs.length === 0 ? {} : { needs }) }]
}
