import { type Attempt, isBad, type TestCase } from './model.ts'

/**
 * One list of tests out of the runs of a command that was repeated because it failed, first run first. The last run of each test
 * counts; a test that failed before it passed is flaky. One that failed and never ran again stays failed.
 */
export function mergeAttempts(runs: readonly (readonly TestCase[])[]): readonly TestCase[] {
  const [first = [], ...later] = runs
  return later.reduce((before, after) => mergeTwo(before, after), first)
}

/**
 * As {@link mergeAttempts} for tests that one report lists several times, as Gradle's test-retry and gotestsum do. Only for the
 * report of a command that succeeded: else the test that failed may be another one of the same name.
 */
export function mergeRepeats(cases: readonly TestCase[]): readonly TestCase[] {
  const merged: TestCase[] = []
  /** Where in the result the last test of a name stands, as long as it has failed. */
  const failed = new Map<string, number>()
  for (const found of cases) {
    const key = keyOf(found)
    const index = failed.get(key) ?? merged.length
    const before = merged[index]
    merged[index] = before === undefined ? found : withAttempt(found, before)
    if (isBad(found)) failed.set(key, index)
    else failed.delete(key)
  }
  return merged
}

function mergeTwo(before: readonly TestCase[], after: readonly TestCase[]): readonly TestCase[] {
  const earlier = numbered(before)
  const merged = [...numbered(after)].map(([key, found]) => {
    const previous = earlier.get(key)
    earlier.delete(key)
    return previous === undefined ? found : withAttempt(found, previous)
  })
  const ran = { suites: new Set(after.map(({ suite }) => suite)), files: new Set(after.map(({ file }) => file)), any: after.length > 0 }
  const left = [...earlier.values()].map((found) => (ranAfterAll(found, ran) ? withAttempt({ ...found, status: 'passed' }, found) : found))
  return [...merged, ...left]
}

interface Ran {
  readonly suites: ReadonlySet<string>
  readonly files: ReadonlySet<string | undefined>
  readonly any: boolean
}

/** A suite that could not run has no counterpart among the tests of a later run, but they show that it ran. */
function ranAfterAll(found: TestCase, ran: Ran): boolean {
  const { scope, suite, name, file } = found
  if (scope === undefined || !isBad(found)) return false
  if (scope === 'run') return ran.any
  return (suite !== '' && ran.suites.has(suite)) || ran.suites.has(name) || (file !== undefined && ran.files.has(file))
}

function withAttempt({ attempts = [], ...found }: TestCase, before: TestCase): TestCase {
  const failed: readonly Attempt[] = isBad(before)
    ? [{ status: before.status === 'error' ? 'error' : 'failed', message: before.message, details: before.details }]
    : []
  const all = [...(before.attempts ?? []), ...failed, ...attempts]
  const { message, details, ...rest } = found
  const kept = found.status === 'passed' ? rest : { ...rest, message, details }
  return all.length === 0 ? kept : { ...kept, attempts: all }
}

/** Tests of the same name are told apart by their order. */
function numbered(cases: readonly TestCase[]): Map<string, TestCase> {
  const seen = new Map<string, number>()
  return new Map(
    cases.map((found) => {
      const key = keyOf(found)
      const number = (seen.get(key) ?? 0) + 1
      seen.set(key, number)
      return [`${key}\0${number}`, found]
    }),
  )
}

function keyOf({ suite, name, file }: TestCase): string {
  return [suite, name, file ?? ''].join('\0')
}
