import * as v from 'valibot'
import { type Draft, wholeFile } from '../cataloguer.ts'
import { hashesOfIntegrity } from '../integrity.ts'

const texts = v.record(v.string(), v.string())
const target = v.record(v.string(), v.object({ dependencies: v.fallback(v.optional(texts), undefined) }))
const depsFile = v.object({
  targets: v.fallback(v.optional(v.record(v.string(), target)), undefined),
  libraries: v.record(v.string(), v.object({ type: v.string(), sha512: v.fallback(v.optional(v.string()), undefined) })),
})

/** The `*.deps.json` beside a .NET application: the packages that it was published with; the application's own projects are none. */
export const nuget = wholeFile({
  limit: 32 * 2 ** 20,
  wants: (path) => path.endsWith('.deps.json'),
  read: (bytes) => {
    const { libraries, targets } = v.parse(depsFile, JSON.parse(new TextDecoder().decode(bytes)), { abortEarly: true })
    const needs = new Map(
      Object.values(targets ?? {}).flatMap((one) =>
        Object.entries(one).map(([key, { dependencies }]) => [key, Object.keys(dependencies ?? {})]),
      ),
    )
    return {
      packages: Object.entries(libraries).flatMap(([key, { type, sha512 }]) =>
        type === 'package' ? draftsOf(key, sha512, needs.get(key)) : [],
      ),
    }
  },
})

/** `Serilog/3.1.1`; the hash is `sha512-` with base64. */
function draftsOf(key: string, sha512: string | undefined, needs: readonly string[] = []): readonly Draft[] {
  const [, name, version] = /^([^/]+)\/(.+)$/.exec(key) ?? []
  if (name === undefined || version === undefined) return []
  return [
    {
      type: 'nuget',
      name,
      version,
      licenses: [],
      ...hashesOfIntegrity(sha512),
      ...(needs.length === 0 ? {} : { needs }),
    },
  ]
}
