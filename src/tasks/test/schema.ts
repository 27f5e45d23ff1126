import * as v from 'valibot'

/** What of a package.json tells how to run its tests. */
export const packageJson = v.object({
  scripts: v.fallback(v.optional(v.record(v.string(), v.string()), {}), {}),
  /** `pnpm@9.1.0` */
  packageManager: v.fallback(v.optional(v.string()), undefined),
})
