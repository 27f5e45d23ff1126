import { expect } from '@jest/globals'
import type { Outcome, Race } from './scene.ts'

/** Expects what a race must come to; on a slow machine others may be done before our run has begun. */
export function assertOutcome(outcome: Outcome | undefined, race: Race): void {
  const { expected, isRaced = false, fails = !['deployed', 'unchanged', 'superseded'].includes(race.expected) } = race
  const result = isRaced && outcome?.result === 'unchanged' ? 'unchanged' : expected
  expect({ ...outcome, exit: outcome?.exit !== 0 }).toMatchObject({ result, exit: fails })
}
