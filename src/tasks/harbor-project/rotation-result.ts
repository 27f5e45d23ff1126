import { TaskError } from '../../base/errors.ts'
import { sarifOfChanges } from '../../domain/harbor/project/sarif.ts'
import type { Block } from '../../spec/ports.ts'
import type { RotatedRobot, RotationRequest } from './rotation.ts'

/** What a run of `mode: rotate` gives: who was replaced, and never by what secret. */
export function rotationResult(robots: readonly RotatedRobot[], { harbor, read }: RotationRequest) {
  const failure = robots.find((one) => one.failure !== undefined)?.failure
  const shown = robots.map(({ failure: failed, ...one }) => ({ ...one, failed: failed !== undefined }))
  const replaced = robots.filter(({ made }) => made !== undefined).length
  return {
    outputs: {
      changes: robots.reduce(
        (sum, { made, disabled, removed }) => sum + (made === undefined ? 0 : 1) + disabled.length + removed.length,
        0,
      ),
      plan: `${JSON.stringify({ harbor: harbor.origin, file: read.name, rotations: shown })}\n`,
      sarif: sarifOfChanges([], read.name),
    },
    record: {},
    headline: `${replaced} of ${robots.length} robots replaced`,
    summary: [rotationTable(robots)],
    ...(failure instanceof TaskError ? { failure } : {}),
  }
}

/** A line for each robot: `shop/ci  replaced by robot$shop+ci-g2: it expires on 2026-12-05`. */
export function rotationLines(robots: readonly RotatedRobot[], isDone: boolean): string {
  return robots.map((one) => `${one.project}/${one.robot}  ${[wordOf(one, isDone), ...leftOvers(one, isDone)].join('; ')}`).join('\n')
}

export function rotationTable(robots: readonly RotatedRobot[], isDone = true): Block {
  const rows = robots.map((one) => [
    `${one.project}/${one.robot}`,
    wordOf(one, isDone),
    leftOvers(one, isDone).join('; '),
    one.until ?? 'never',
  ])
  return { kind: 'table', title: 'Robots', columns: ['robot', '', 'those before', 'expires'], rows }
}

function wordOf({ why, made, failure }: RotatedRobot, isDone: boolean): string {
  if (failure instanceof TaskError) return `failed: ${failure.code}`
  if (why === undefined) return 'stays'
  return isDone ? `replaced by ${made}: ${why}` : `to replace: ${why}`
}

function leftOvers({ disabled, removed }: RotatedRobot, isDone: boolean): readonly string[] {
  const words = isDone ? (['disabled', 'deleted'] as const) : (['to disable', 'to delete'] as const)
  const say = (word: string, all: readonly string[]): readonly string[] => (all.length === 0 ? [] : [`${word} ${all.join(', ')}`])
  return [...say(words[0], disabled), ...say(words[1], removed)]
}
