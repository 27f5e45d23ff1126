import * as v from 'valibot'
import type { ErrorKind } from '../../base/errors.ts'

const texts = v.record(v.string(), v.string())

/** Of `package.json` (docs.npmjs.com/cli/configuring-npm/package-json). */
export const packageFile = v.object({
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  main: v.optional(v.string()),
  scripts: v.optional(texts, {}),
  dependencies: v.optional(texts, {}),
  optionalDependencies: v.optional(texts, {}),
})
export type PackageFile = v.InferOutput<typeof packageFile>

const lockedPackage = v.object({
  /** Differs from the folder's name for an alias. */
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  dev: v.optional(v.boolean(), false),
  optional: v.optional(v.boolean(), false),
  devOptional: v.optional(v.boolean(), false),
  extraneous: v.optional(v.boolean(), false),
  /** A workspace or `file:` folder: the entry is a symbolic link. */
  link: v.optional(v.boolean(), false),
  dependencies: v.optional(texts, {}),
  optionalDependencies: v.optional(texts, {}),
  os: v.optional(v.array(v.string())),
  cpu: v.optional(v.array(v.string())),
})
export type LockedPackage = v.InferOutput<typeof lockedPackage>

/** Of `package-lock.json`, version 2 and 3 (docs.npmjs.com/cli/configuring-npm/package-lock-json). Keys are folders. */
export const lockFile = v.object({
  lockfileVersion: v.number(),
  packages: v.optional(v.pipe(v.record(v.string(), lockedPackage), v.maxEntries(100_000)), {}),
})

/** The document of a file as its schema has it; anything else is the fault, with where it is. */
export function parseFile<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  { name, fault }: { readonly name: string; readonly fault: ErrorKind },
): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw fault(`${name} cannot be used: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
}
