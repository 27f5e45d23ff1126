import * as v from 'valibot'
import { parseDuration } from '../../../base/duration.ts'
import { storeTarget } from '../../secretstore/target.ts'
import { isPresetName, presetNames, rightsFor } from './presets.ts'
import { generationName } from './rotation/generation.ts'
import type { RotationTerms } from './rotation/plan.ts'
import type { RobotTerms } from './rotation/rotate.ts'

const day = 86_400_000

const permission = v.pipe(
  v.string(),
  v.check(
    (word) => isPresetName(word) || /^[a-z]+(?:-[a-z]+)*:[a-z]+$/.test(word),
    `expected resource:action, or one of ${presetNames.join(', ')}`,
  ),
)
const days = v.pipe(v.string(), v.regex(/^(?:[1-9]\d{0,5}d|never)$/, 'expected days such as 90d, or never'))
const time = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'expected a duration such as 14d or 6h'),
)

/** The name of a robot in a file; a `-g2` at its end is rotation's. */
export const robotName = v.pipe(
  v.string(),
  v.maxLength(200),
  v.regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'expected lower-case letters and digits, with single . _ - between'),
  v.check((name) => !generationName.test(name), 'expected a name that does not end in -g and a number, which rotation adds'),
)

/** A robot of a project as a file has it. */
export const robotSettings = v.strictObject({
  permissions: v.pipe(
    v.array(permission),
    v.minLength(1),
    v.maxLength(200),
    v.description(`What it may do: presets (${presetNames.join(', ')}) and single rights such as tag:delete.`),
  ),
  description: v.optional(v.pipe(v.string(), v.maxLength(900)), ''),
  duration: v.optional(v.pipe(days, v.description('How long it lives: 90d, or never.')), '90d'),
  'secret-to': v.optional(
    v.pipe(
      v.array(storeTarget),
      v.minLength(1),
      v.maxLength(50),
      v.description('Where its secret goes, which Harbor tells once: without it the robot cannot be made or rotated.'),
    ),
  ),
  rotate: v.optional(
    v.strictObject({
      before: v.optional(v.pipe(time, v.description('It is replaced when it has less than this left.')), '14d'),
      overlap: v.optional(v.pipe(time, v.description('How long the one before still works, for jobs that began with its secret.')), '0s'),
      grace: v.optional(v.pipe(time, v.description('How long the one before is kept, disabled.')), '7d'),
    }),
    {},
  ),
})
export type RobotSettings = v.InferOutput<typeof robotSettings>

/** All rights that a file's words stand for, in order. */
export function rightsOf(permissions: readonly string[]): readonly string[] {
  const single = permissions.filter((word) => !isPresetName(word))
  return [...new Set([...rightsFor(permissions.filter(isPresetName)), ...single])].toSorted()
}

/** What the robot of a project is to be. */
export function robotTerms(project: string, { permissions, description, duration }: RobotSettings): RobotTerms {
  const scopes = [{ kind: 'project', namespace: project, rights: rightsOf(permissions) }] as const
  return { description, duration: duration === 'never' ? -1 : Number.parseInt(duration, 10), scopes }
}

/** When it is replaced. */
export function rotationTerms({ rotate, duration }: RobotSettings, force: boolean): RotationTerms {
  const { before = '14d', overlap = '0s', grace = '7d' } = rotate
  const life = duration === 'never' ? Number.POSITIVE_INFINITY : Number.parseInt(duration, 10) * day
  // Else a robot that lives shorter would be due from its first day on.
  return {
    before: Math.min(parseDuration(before) ?? 0, life / 2),
    force,
    overlap: parseDuration(overlap) ?? 0,
    grace: parseDuration(grace) ?? 0,
  }
}
