import { harborConflict, harborMissing } from '../errors.ts'
import { titleOf, told } from './change.ts'
import { harborProjectIgnored, harborProjectRestless } from './errors.ts'
import type { Kind, KindName, Place, Step, Steps } from './kind.ts'
import { type Asked, type Looked, lookAt } from './look.ts'

/** One thing to be brought to what is wanted of it. */
export interface Subject<P extends Place, S> {
  /** For messages: `shop`. */
  readonly name: string
  readonly asked: readonly Asked<P, S>[]
  readonly prune: ReadonlySet<KindName>
  /** The place to read and write; undefined when it had to be made, or somebody else did, and is to be looked for again. */
  open(round: number): Promise<P | undefined>
  /** Each step once it is known to be so: by our own call, or as it was found. */
  tell(kind: Kind<P, S>, step: Step): void
}

/** Each round writes what the one before has left, and the last one writes nothing. */
const mostRounds = 8

/**
 * Reads, writes what differs, and reads again until nothing does. What somebody else was faster with is no failure but seen in the
 * next round; what Harbor takes and does not keep is one. Throws SW-HARBOR-PROJECT-IGNORED, SW-HARBOR-PROJECT-BUSY and those of Harbor.
 */
export async function converge<P extends Place, S>(subject: Subject<P, S>): Promise<void> {
  const { name, prune } = subject
  let { asked } = subject
  let round: Round = { accepted: new Set(), conflict: undefined }
  for (let number = 1; number <= mostRounds; number += 1) {
    const place = await subject.open(number)
    if (place === undefined) continue
    const unmet = unmetOf(await lookAt(place, asked, prune), round, subject)
    if (unmet.length === 0) return
    round = await write(place, unmet, subject)
    asked = unmet
  }
  throw round.conflict ?? harborProjectRestless(`${name} was read and written ${mostRounds} times, and is still not as the file says.`)
}

/** What came of one round of writing. */
interface Round {
  /** What Harbor said yes to. */
  readonly accepted: ReadonlySet<string>
  /** The first that somebody else was faster with. */
  readonly conflict: Error | undefined
}

/** What is still to be done. What was accepted in the last round and is still to be done was ignored. */
function unmetOf<P extends Place, S>(
  looked: readonly Looked<P, S>[],
  { accepted }: Round,
  { name, tell }: Subject<P, S>,
): readonly Looked<P, S>[] {
  for (const { kind, steps } of looked) {
    for (const step of steps) {
      const wasAccepted = accepted.has(keyOf(kind, step))
      if (step.action !== 'unchanged' && wasAccepted) throw ignored(name, kind, step)
      if (step.action === 'unchanged' && !wasAccepted) tell(kind, step)
    }
  }
  const open = looked.map((one) => ({ ...one, steps: one.steps.filter(({ action }) => action !== 'unchanged') }))
  return open.filter(({ steps }) => steps.length > 0)
}

async function write<P extends Place, S>(place: P, unmet: readonly Looked<P, S>[], { tell }: Subject<P, S>): Promise<Round> {
  const accepted = new Set<string>()
  let conflict: Error | undefined
  for (const { kind, steps } of unmet) {
    for (const part of partsOf(kind, steps)) {
      const raced = await lostRace(() => kind.write(place, part), part)
      conflict ??= raced
      if (raced !== undefined) continue
      for (const step of part) {
        accepted.add(keyOf(kind, step))
        tell(kind, step)
      }
    }
  }
  return { accepted, conflict }
}

function partsOf({ isWhole = false }: { readonly isWhole?: boolean }, steps: readonly Step[]): readonly Steps[] {
  const [first, ...rest] = steps
  if (first === undefined) return []
  return isWhole ? [[first, ...rest]] : steps.map((step) => [step] as const)
}

/** That somebody else was faster: made what was to be made, or took away what was to change. Anything else is thrown. */
export async function lostRace(work: () => Promise<void>, steps: readonly Pick<Step, 'action'>[]): Promise<Error | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    const wasGone = harborMissing.is(error) && steps.every(({ action }) => action !== 'create')
    if (harborConflict.is(error) || wasGone) return error
    throw error
  }
}

function keyOf({ name: kind }: { readonly name: KindName }, { name }: Pick<Step, 'name'>): string {
  return `${kind} ${name}`
}

function ignored<P extends Place, S>(subject: string, kind: Kind<P, S>, step: Step): Error {
  const { before = 'nothing', after = 'nothing' } = told(kind, step)
  const what = titleOf({ project: subject, kind: kind.name, name: step.name })
  return harborProjectIgnored(`Harbor took ${what} with an answer of success, and has ${before}; expected ${after}.`)
}
