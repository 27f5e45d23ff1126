import type { HarborRobot } from '../schema.ts'

/** One of the robots that follow one another under a name: `ci`, then `ci-g2`, `ci-g3`. */
export interface Generation {
  readonly number: number
  readonly robot: HarborRobot
  /** Made, and not known to be handed over to all who need it. */
  readonly isPending: boolean
}

/** At the end of the description of a robot while its secret is on its way. */
const pendingMark = ' (slipway: secret not handed over yet)'

/** A name that would be taken for a generation of another. */
export const generationName = /-g\d+$/

export function nameOfGeneration(base: string, number: number): string {
  return number === 1 ? base : `${base}-g${number}`
}

/** The robots of a name among those of a place, oldest first. */
export function generationsOf(robots: readonly HarborRobot[], base: string): readonly Generation[] {
  const found = robots.flatMap((robot) => {
    const number = numberOf(shortName(robot), base)
    return number === undefined ? [] : [{ number, robot, isPending: robot.description.endsWith(pendingMark) }]
  })
  return found.toSorted((a, b) => a.number - b.number)
}

/** The one whose secret is in use: the newest that was handed over and is enabled; expired it may be. */
export function currentOf(generations: readonly Generation[]): Generation | undefined {
  return generations.findLast(({ robot, isPending }) => !isPending && !robot.isDisabled)
}

export function pendingDescription(description: string): string {
  return `${description}${pendingMark}`
}

/** A robot's name as it was asked for. Harbor's prefix ends in a character that no name has, unless somebody set another. */
export function shortName({ name }: Pick<HarborRobot, 'name'>): string {
  return /[a-z0-9._-]+$/.exec(name)?.[0] ?? name
}

function numberOf(short: string, base: string): number | undefined {
  if (short === base) return 1
  const digits = short.startsWith(`${base}-g`) ? short.slice(base.length + 2) : ''
  return /^[1-9]\d{0,8}$/.test(digits) && digits !== '1' ? Number(digits) : undefined
}
