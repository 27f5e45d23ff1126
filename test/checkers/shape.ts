import * as v from 'valibot'

/** What a schema finds wrong with a value, a line each: `spec.steps.0.script: …`. An unknown field is wrong. */
export function misshapen(schema: v.GenericSchema, value: unknown): readonly string[] {
  const result = v.safeParse(schema, value)
  return result.success ? [] : result.issues.flatMap(lines)
}

function lines(issue: v.BaseIssue<unknown>): string[] {
  // Of the branches of a union, the first that came further than its own type tells most.
  const inner = issue.issues?.filter(({ path }) => path !== undefined) ?? []
  if (inner.length > 0) return inner.slice(0, 1).flatMap(lines)
  return [`${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`]
}
