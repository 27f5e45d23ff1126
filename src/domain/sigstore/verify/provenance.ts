import * as v from 'valibot'

/** What SLSA provenance says of how something was built; a field that it does not have, or has in another shape, is absent. */
export interface Provenance {
  readonly builder?: string | undefined
  /** URI of the source repository, without `git+` and what comes after `@`. */
  readonly source?: string | undefined
}

const lenient = <S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined)
/** slsa.dev/provenance/v1 and v0.2, as GitHub, BuildKit and Tekton Chains fill them. */
const v1 = v.object({
  buildDefinition: v.object({
    externalParameters: lenient(v.object({ workflow: lenient(v.object({ repository: v.string() })) })),
    resolvedDependencies: lenient(v.pipe(v.array(v.object({ uri: lenient(v.string()) })), v.maxLength(10_000))),
  }),
  runDetails: v.object({ builder: v.object({ id: v.string() }) }),
})
const v02 = v.object({
  builder: v.object({ id: v.string() }),
  invocation: lenient(v.object({ configSource: lenient(v.object({ uri: lenient(v.string()) })) })),
})

/** Reads the predicate of SLSA provenance. */
export function provenanceOf(predicate: unknown): Provenance {
  const newer = v.safeParse(v1, predicate)
  if (newer.success) {
    const { buildDefinition, runDetails } = newer.output
    const dependency = buildDefinition.resolvedDependencies?.find(({ uri }) => uri?.startsWith('git+') === true)?.uri
    return { builder: runDetails.builder.id, source: plain(buildDefinition.externalParameters?.workflow?.repository ?? dependency) }
  }
  const older = v.safeParse(v02, predicate)
  return older.success ? { builder: older.output.builder.id, source: plain(older.output.invocation?.configSource?.uri) } : {}
}

function plain(uri: string | undefined): string | undefined {
  return uri?.replace(/^git\+/, '').replace(/@[^@/]*(?:\/[^@]*)?$/, '')
}
