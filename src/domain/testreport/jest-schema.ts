import * as v from 'valibot'

const text = v.optional(v.nullable(v.string()))

const assertionResult = v.object({
  ancestorTitles: v.optional(v.array(v.string()), []),
  title: text,
  fullName: text,
  status: v.string(),
  duration: v.optional(v.nullable(v.number())),
  failureMessages: v.optional(v.nullable(v.array(v.nullable(v.string())))),
  location: v.optional(v.nullable(v.object({ line: v.number() }))),
  /** Runs of the test with `jest.retryTimes`. */
  invocations: v.optional(v.number(), 1),
  retryReasons: v.optional(v.array(v.string()), []),
})

/** What `jest --json` and vitest's `json` reporter write, as far as it is used. */
export const jestReport = v.object({
  testResults: v.array(
    v.object({
      /** Absolute path of the test file. */
      name: v.string(),
      status: v.string(),
      message: text,
      assertionResults: v.array(assertionResult),
    }),
  ),
})

export type JestReport = v.InferOutput<typeof jestReport>
export type JestFile = JestReport['testResults'][number]
export type JestTest = JestFile['assertionResults'][number]
