import { describe, expect, it, test } from '@jest/globals'
import { testOutput, verdictOutput } from './test-output.ts'

describe('TEST_OUTPUT (Konflux ADR-0030)', () => {
  test.each([
    [{ passed: '3', failed: '0' }, false, { result: 'SUCCESS', successes: 3, failures: 0 }],
    [{ passed: '3', failed: '2' }, true, { result: 'FAILURE', successes: 3, failures: 2 }],
    [{ passed: '3', failed: '0' }, true, { result: 'FAILURE', successes: 3, failures: 0 }],
    [{ passed: '0', failed: '0' }, false, { result: 'SKIPPED', successes: 0, failures: 0 }],
    [{ passed: '', failed: '' }, true, { result: 'ERROR', successes: 0, failures: 0 }],
  ])('%j, failed: %s', (outputs, failed, expected) => {
    const ending = { outputs: new Map(Object.entries(outputs)), summary: [], failed }
    expect(JSON.parse(testOutput(ending, 0))).toEqual({ ...expected, warnings: 0, timestamp: '1970-01-01T00:00:00.000Z' })
  })
  test.each([
    [{ verdict: 'pass', high: '0', low: '2', unknown: '1' }, false, { result: 'SUCCESS', successes: 1, failures: 0, warnings: 3 }],
    [{ verdict: 'fail', high: '4', low: '2', unknown: '0' }, true, { result: 'FAILURE', successes: 0, failures: 1, warnings: 0 }],
    [{ verdict: '', high: '', low: '', unknown: '' }, true, { result: 'ERROR', successes: 0, failures: 0, warnings: 0 }],
  ])('of a task that judges: %j', (outputs, failed, expected) => {
    const ending = { outputs: new Map(Object.entries(outputs)), summary: [], failed }
    const judged = { verdict: 'verdict', warnings: ['high', 'low', 'unknown'] }
    expect(JSON.parse(verdictOutput(ending, judged, 0))).toEqual({ ...expected, timestamp: '1970-01-01T00:00:00.000Z' })
  })
  it('has a short note, cut between characters', () => {
    const ending = { outputs: new Map(), summary: [], failed: false, headline: 'é'.repeat(200) }
    const { note } = JSON.parse(testOutput(ending, 0)) as { note: string }
    expect([Buffer.byteLength(note) <= 128, note.slice(-2)]).toEqual([true, 'é…'])
  })
})
