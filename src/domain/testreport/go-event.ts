import * as v from 'valibot'

const text = v.optional(v.string(), '')

const eventSchema = v.object({
  Action: v.string(),
  Package: text,
  Test: text,
  Output: text,
  /** Seconds. */
  Elapsed: v.optional(v.number(), 0),
  ImportPath: text,
  FailedBuild: text,
})

/** One line of `go test -json` (https://pkg.go.dev/cmd/test2json). */
export type GoEvent = v.InferOutput<typeof eventSchema>

/** Undefined for what is no event: other programs may write into the same stream. */
export function parseGoEvent(line: string): GoEvent | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed = v.safeParse(eventSchema, JSON.parse(line))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}
