import { currentOf, type Generation } from './generation.ts'

/** When a robot is replaced, and what becomes of the one before. All in milliseconds. */
export interface RotationTerms {
  /** It is replaced when it has less than this left. */
  readonly before: number
  /** Replaces it whatever it has left. */
  readonly force: boolean
  /** How long the one before still works beside the new one: for jobs that began with its secret. */
  readonly overlap: number
  /** How long a disabled one is kept, to be enabled again by hand. */
  readonly grace: number
}

export interface RotationPlan {
  readonly current: Generation | undefined
  /** The number of the next one and why it is made; undefined when none is. */
  readonly make: { readonly number: number; readonly why: string } | undefined
  /** Out of use from now on. */
  readonly disable: readonly Generation[]
  readonly remove: readonly Generation[]
}

/**
 * How long after it was made a robot may still reach the stores: by a run that was stopped in its midst, and goes on. Counted by Harbor’s
 * clock alone.
 */
const reach = 3_600_000

/** What rotation would do now. Where one is made, those before it go only when it is in use. */
export function planRotation(generations: readonly Generation[], terms: RotationTerms, now: number): RotationPlan {
  const current = currentOf(generations)
  const why = whyMake(generations, terms, now)
  const number = Math.max(0, ...generations.map((one) => one.number)) + 1
  const make = why === undefined ? undefined : { number, why }
  return { current, make, ...supersededBy(current, { generations, terms, now }) }
}

function whyMake(generations: readonly Generation[], { before, force }: RotationTerms, now: number): string | undefined {
  const current = currentOf(generations)
  if (generations.some(({ number, isPending, robot }) => isPending && !robot.isDisabled && number > (current?.number ?? 0)))
    return 'one before was not handed over'
  if (current !== undefined && generations.some((one) => mayBeKept(one, current) && now - (one.robot.created ?? 0) > reach))
    return 'one before may have reached a store late'
  if (current === undefined) return generations.length === 0 ? 'there is none' : 'none is enabled'
  const { expires } = current.robot
  if (expires !== undefined && expires <= now) return `it expired on ${dayOf(expires)}`
  if (expires !== undefined && expires - now < before) return `it expires on ${dayOf(expires)}`
  return force ? 'it was asked for' : undefined
}

/**
 * Whether a run that was overtaken may have put this robot’s secret where that of the one in use was: it works on until one follows that
 * was surely written later.
 */
function mayBeKept({ number, isPending, robot }: Generation, current: Generation): boolean {
  const isOvertaken = isPending && !robot.isDisabled && robot.isEditable && number < current.number
  return isOvertaken && (current.robot.created ?? Number.POSITIVE_INFINITY) - (robot.created ?? 0) <= reach
}

/** Older ones, each from when the next one after it took its place. */
function supersededBy(
  current: Generation | undefined,
  { generations, terms, now }: { readonly generations: readonly Generation[]; readonly terms: RotationTerms; readonly now: number },
): Pick<RotationPlan, 'disable' | 'remove'> {
  if (current === undefined) return { disable: [], remove: [] }
  const older = generations.filter(({ number, robot }) => number < current.number && robot.isEditable)
  const isOver = (one: Generation, time: number): boolean => {
    const next = generations.find(({ number, isPending }) => number > one.number && !isPending) ?? current
    // Harbor's clock may be ahead of ours.
    return now >= Math.min(next.robot.created ?? now, now) + time
  }
  const disable = older.filter((one) => isOver(one, terms.overlap) && !one.robot.isDisabled && !mayBeKept(one, current))
  const remove = older.filter((one) => one.robot.isDisabled && isOver(one, terms.overlap + terms.grace))
  return { disable, remove }
}

export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
