import * as v from 'valibot'
import { type Draft, wholeFile } from '../cataloguer.ts'

/** A package as `composer.lock` and `installed.json` have it. */
export const composerPackage = v.object({
  name: v.string(),
  version: v.string(),
  license: v.fallback(v.optional(v.array(v.string())), undefined),
  require: v.fallback(v.optional(v.record(v.string(), v.string())), undefined),
})
const installed = v.union([v.object({ packages: v.array(composerPackage) }), v.array(composerPackage)])

/** What Composer has installed, in version 2 or 1 of its file. */
export const composer = wholeFile({
  limit: 64 * 2 ** 20,
  wants: (path) => /(?:^|\/)composer\/installed\.json$/.test(path),
  read: (bytes) => {
    const found = v.parse(installed, JSON.parse(bytes.toString('utf8')), { abortEarly: true })
    return { packages: ('packages' in found ? found.packages : found).map(draftOfComposer) }
  },
})

export function draftOfComposer({ name: whole, version, license, require: needed }: v.InferOutput<typeof composerPackage>): Draft {
  const slash = whole.indexOf('/')
  const needs = Object.keys(needed ?? {}).filter((one) => one.includes('/'))
  return {
    type: 'composer',
    ...(slash < 0 ? {} : { namespace: whole.slice(0, slash) }),
    name: whole.slice(slash + 1),
    version,
    licenses: license ?? [],
    ...(needs.length === 0 ? {} : { needs }),
  }
}
