import * as v from 'valibot'
import { type Draft, wholeFile } from '../cataloguer.ts'

const text = v.string()
const oneLicense = v.union([text, v.object({ type: text })])
const packageJson = v.object({
  name: text,
  version: text,
  license: v.fallback(v.optional(oneLicense), undefined),
  licenses: v.fallback(v.optional(v.array(oneLicense)), undefined),
  dependencies: v.fallback(v.optional(v.record(text, text)), undefined),
  optionalDependencies: v.fallback(v.optional(v.record(text, text)), undefined),
})

/** A `package.json` that has a name and a version: of an installed package or of the application. */
export const npmPackage = wholeFile({
  limit: 8 * 2 ** 20,
  wants: (path) => path === 'package.json' || path.endsWith('/package.json'),
  read: (bytes) => {
    const parsed = v.safeParse(packageJson, JSON.parse(new TextDecoder().decode(bytes)), { abortEarly: true })
    // Many say no more than `"type": "module"` of a folder: those are no packages.
    return { packages: parsed.success ? draftsOf(parsed.output) : [] }
  },
})

function draftsOf({ name: whole, version, license, licenses, ...json }: v.InferOutput<typeof packageJson>): readonly Draft[] {
  const named = npmNameOf(whole)
  if (named === undefined || version === '') return []
  const needs = Object.keys({ ...json.dependencies, ...json.optionalDependencies })
  return [
    {
      type: 'npm',
      ...named,
      version,
      licenses: [license, ...(licenses ?? [])].flatMap((one) => (one === undefined ? [] : [typeof one === 'string' ? one : one.type])),
      ...(needs.length === 0 ? {} : { needs }),
    },
  ]
}

/** `@scope/name` in its two parts; undefined for what is no name of a package. */
export function npmNameOf(whole: string): { readonly namespace?: string; readonly name: string } | undefined {
  const [, namespace, name] = /^(?:(@[^/]+)\/)?([^/]+)$/.exec(whole) ?? []
  return name === undefined ? undefined : { ...(namespace === undefined ? {} : { namespace }), name }
}
