import * as v from 'valibot'
import { messageOf } from '../../base/errors.ts'
import type { CaseCollector, TextReader } from './collector.ts'
import { type JestFile, type JestTest, jestReport } from './jest-schema.ts'
import { Unreadable } from './limits.ts'
import type { Attempt, Status, TestCase } from './model.ts'
import { leadOf } from './text.ts'

/** Reads the JSON of `jest --json --outputFile` and of vitest's `json` reporter. */
export function jestReader(collector: CaseCollector): TextReader {
  const pieces: string[] = []
  return {
    write: (text) => {
      pieces.push(text)
    },
    end: () => {
      for (const file of parse(pieces.join('')).testResults) {
        for (const found of casesOf(file)) collector.add(found)
      }
    },
  }
}

function parse(text: string): v.InferOutput<typeof jestReport> {
  if (text.trim() === '') throw new Unreadable('empty', 'is empty')
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new Unreadable(text.trimEnd().endsWith('}') ? 'malformed' : 'truncated', `is no whole JSON: ${messageOf(error)}`)
  }
  const report = v.safeParse(jestReport, data)
  if (report.success) return report.output
  const [issue] = report.issues
  throw new Unreadable('malformed', `is no report of jest: ${v.getDotPath(issue) ?? 'it'} is ${issue.received}, expected ${issue.expected}`)
}

const statuses: Readonly<Record<string, Status>> = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  skipped: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
  focused: 'passed',
}

function* casesOf({ name: file, status, message, assertionResults }: JestFile): Generator<TestCase> {
  const tests = assertionResults.filter(({ title, fullName }) => (title ?? fullName ?? '') !== '')
  for (const test of tests) yield caseOf(test, file)
  // A file that cannot be loaded has no tests, or one without a name (jest 30).
  if (status !== 'failed' || tests.some((test) => statuses[test.status] === 'failed')) return
  const details = message ?? ''
  yield { suite: '', name: file, status: 'error', duration: 0, file, message: loadFailure(details), details, scope: 'suite' }
}

function caseOf(test: JestTest, file: string): TestCase {
  const status = statuses[test.status] ?? 'error'
  const texts = (test.failureMessages ?? []).filter((text) => text !== null)
  const attempts = attemptsOf(test, status === 'passed' ? texts : [])
  return {
    suite: test.ancestorTitles.join(' › '),
    name: test.title ?? test.fullName ?? '',
    status,
    duration: test.duration ?? 0,
    file,
    line: test.location?.line,
    ...(status === 'failed' || status === 'error' ? { message: leadOf(texts[0] ?? ''), details: texts.join('\n\n') } : {}),
    ...(attempts.length === 0 ? {} : { attempts }),
  }
}

/** Vitest keeps the messages of the runs that failed, jest only their number (and `retryReasons` when told to log them). */
function attemptsOf({ invocations, retryReasons }: JestTest, failures: readonly string[]): Attempt[] {
  const texts = failures.length > 0 ? failures : retryReasons
  if (texts.length > 0) return texts.map((text) => ({ status: 'failed', message: leadOf(text), details: text }))
  return Array.from({ length: Math.min(invocations, 100) - 1 }, () => ({ status: 'failed' }))
}

/** `● Test suite failed to run`, a blank line, then the reason. */
function loadFailure(details: string): string {
  const text = details.replace(/^\s*● Test suite failed to run\s*/, '')
  return text.split(/\n\s*\n/)[0]?.trim() || 'the test file could not run'
}
