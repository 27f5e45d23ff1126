import type { Clock, Secrets } from '../../../../spec/ports.ts'
import { secretStoreDenied, secretStoreLost, secretStoreMissing, secretStoreRefused } from '../../../secretstore/errors.ts'
import type { SecretStore } from '../../../secretstore/store.ts'
import { connectHarbor, type Harbor, type HarborPorts } from '../../client.ts'
import { harborConflict, harborMissing, harborRobotBusy, harborRobotSelf } from '../../errors.ts'
import { createRobot, deleteRobot, disableRobot, listRobots, type MadeRobot, type RobotHome, readRobot, updateRobot } from '../robots.ts'
import type { HarborRobot, RobotScope } from '../schema.ts'
import { currentOf, type Generation, generationsOf, nameOfGeneration, pendingDescription, shortName } from './generation.ts'
import { planRotation, type RotationPlan, type RotationTerms } from './plan.ts'
import { verifyRobot } from './verify.ts'

/** What the next robot is to be. */
export interface RobotTerms {
  readonly description: string
  /** Days; -1 for ever. */
  readonly duration: number
  readonly scopes: readonly RobotScope[]
}

export interface Rotation {
  readonly harbor: Harbor
  readonly home: RobotHome
  /** The name that generations have in common: `ci`. */
  readonly base: string
  readonly robot: RobotTerms
  readonly terms: RotationTerms
  /** All that need the secret; at least one, since nobody else will ever know it. */
  readonly stores: readonly SecretStore[]
}

export interface RotationPorts extends HarborPorts {
  readonly secrets: Secrets
  /** Told of each step. */
  readonly doing: (what: string) => void
  /** 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number
}

/** What was done; names as Harbor shows them. */
export interface Rotated {
  readonly made: Pick<MadeRobot, 'name' | 'expires'> | undefined
  readonly why: string | undefined
  readonly disabled: readonly string[]
  readonly removed: readonly string[]
  readonly current: HarborRobot
}

/** How long another run that made a robot has to hand its secret over, before it counts as ended. */
const patience = 30_000
const mostRounds = 8

/** What rotation would do. Nothing is changed. */
export async function planned({ harbor, home, base, terms }: Rotation, { clock }: { readonly clock: Clock }): Promise<RotationPlan> {
  return planRotation(generationsOf(await listRobots(harbor, home), base), terms, clock.now())
}

/**
 * Replaces a robot that is due: makes the next one, logs in by it, hands its secret to all stores, and only then takes those before out
 * of use. Broken off anywhere, the next run makes one more and clears away what was left. Runs beside each other end with one robot, whose
 * secret the stores have: who made a robot and then finds a newer one gives it up, and where a store may have it does it again. Throws
 * SW-HARBOR-ROBOT-SELF before anything is changed, and SW-HARBOR-ROBOT-BUSY.
 */
export async function rotateRobot(rotation: Rotation, ports: RotationPorts): Promise<Rotated> {
  const { clock } = ports
  const first = await generations(rotation)
  requireOther(first, rotation)
  const begun = currentOf(first)?.number ?? 0
  const overtaken: MadeRobot[] = []
  for (let round = 1; round <= mostRounds; round += 1) {
    const seen = await settled(round === 1 ? first : await generations(rotation), rotation, ports)
    const isAsked = rotation.terms.force && (currentOf(seen)?.number ?? 0) === begun
    const { make } = planRotation(seen, { ...rotation.terms, force: isAsked || overtaken.length > 0 }, clock.now())
    if (make === undefined) return cleared(rotation, seen, ports)
    for (const store of rotation.stores) await store.check()
    const made = await makeNext(make.number, rotation, ports)
    if (made === 'taken') continue
    const outcome = await handOver(made, rotation, ports)
    if (outcome === 'overtaken') overtaken.push(made)
    if (outcome !== 'kept') continue
    for (const one of [made, ...overtaken]) await markHandedOver(one, rotation)
    return { ...(await cleared(rotation, await generations(rotation), ports)), made, why: make.why }
  }
  throw harborRobotBusy(`Others rotate ${rotation.base} at the same time: ${mostRounds} rounds without an end.`, { retryable: true })
}

/** Who disables the robot that they are cannot go on. */
function requireOther(all: readonly Generation[], { harbor, base }: Rotation): void {
  const self = all.find(({ robot }) => robot.name === harbor.username)
  if (self === undefined) return
  throw harborRobotSelf(`${self.robot.name} is to rotate ${base}, which is this robot itself.`, { safe: 'nothing was changed' })
}

async function generations({ harbor, home, base }: Rotation): Promise<readonly Generation[]> {
  return generationsOf(await listRobots(harbor, home), base)
}

/** Waits for a run that has just made a robot. */
async function settled(seen: readonly Generation[], rotation: Rotation, ports: RotationPorts): Promise<readonly Generation[]> {
  const { clock, random = Math.random, doing } = ports
  let now = seen
  const until = clock.now() + patience
  for (;;) {
    const newest = now.at(-1)
    const age = clock.now() - (newest?.robot.created ?? 0)
    if (newest?.isPending !== true || newest.robot.isDisabled || age > patience || clock.now() > until) return now
    doing(`waiting for another run that made ${newest.robot.name}`)
    await clock.sleep(1000 + random() * 1000)
    now = await generations(rotation)
  }
}

async function makeNext(number: number, { harbor, home, base, robot }: Rotation, ports: RotationPorts): Promise<MadeRobot | 'taken'> {
  const name = nameOfGeneration(base, number)
  ports.doing(`making the robot ${name}`)
  try {
    const made = await createRobot(harbor, { ...robot, name, level: home.level, description: pendingDescription(robot.description) })
    ports.secrets.mask(made.secret)
    // As stores keep it.
    ports.secrets.mask(Buffer.from(`${made.name}:${made.secret}`).toString('base64'))
    return made
  } catch (error) {
    if (harborConflict.is(error)) return 'taken'
    throw error
  }
}

/**
 * `kept`: all stores have the secret, and there is no newer robot. `overtaken`: there is one, whose secret the stores have or not.
 * `unneeded`: there is one, and ours, which nobody has, was deleted.
 */
async function handOver(made: MadeRobot, rotation: Rotation, ports: RotationPorts): Promise<'kept' | 'overtaken' | 'unneeded'> {
  const { harbor, robot, stores } = rotation
  const login = { registry: new URL(harbor.origin).host, username: made.name, password: made.secret }
  let isGiven = false
  try {
    ports.doing(`logging in as ${made.name}`)
    const credential = { kind: 'password', username: made.name, password: made.secret, source: 'the robot that was made just now' } as const
    await verifyRobot(connectHarbor({ origin: harbor.origin, credential }, ports), { scopes: robot.scopes, name: made.name }, ports)
    for (const store of stores) {
      // Another run may have taken this one for ended, if it was stopped for a while.
      if (!(await isNewest(made, rotation))) break
      ports.doing(`handing the secret of ${made.name} to the ${store.name}`)
      const failure = await store.put(login).catch((error: unknown) => error)
      isGiven ||= failure === undefined || !isRefusal(failure)
      // A store that has the next secret already does not have ours, and need not.
      const isNext = secretStoreLost.is(failure) && !(await isNewest(made, rotation))
      if (failure !== undefined && !isNext) throw failure
    }
    if (await isNewest(made, rotation)) return 'kept'
    if (isGiven) return 'overtaken'
  } catch (error) {
    // Nobody has the secret yet, nor ever will.
    if (!isGiven) await deleteRobot(harbor, made).catch(() => undefined)
    throw error
  }
  await deleteRobot(harbor, made)
  return 'unneeded'
}

/** Whether a store has surely not taken what it was given; after any other failure it may have. */
function isRefusal(error: unknown): boolean {
  return [secretStoreDenied, secretStoreMissing, secretStoreRefused].some((kind) => kind.is(error))
}

async function isNewest({ id }: MadeRobot, rotation: Rotation): Promise<boolean> {
  const newest = (await generations(rotation)).at(-1)?.robot
  return newest?.id === id && !newest.isDisabled
}

/** The robot is in use from now on, or was. */
async function markHandedOver({ id }: MadeRobot, { harbor, robot: { description } }: Rotation): Promise<void> {
  const found = await readRobot(harbor, id).catch(unlessGone)
  if (found !== undefined) await updateRobot(harbor, found, { description })
}

/** Takes out of use what is superseded, and deletes what was long enough. */
async function cleared(rotation: Rotation, seen: readonly Generation[], ports: RotationPorts): Promise<Rotated> {
  const { harbor, base, terms } = rotation
  const { current, disable, remove } = planRotation(seen, terms, ports.clock.now())
  if (current === undefined) throw new Error(`rotation of ${base} ended without a robot`)
  for (const { robot } of disable) {
    ports.doing(`disabling ${shortName(robot)}`)
    await disableRobot(harbor, robot).catch(unlessGone)
  }
  for (const { robot } of remove) {
    ports.doing(`deleting ${shortName(robot)}`)
    await deleteRobot(harbor, robot)
  }
  const names = (all: readonly Generation[]): readonly string[] => all.map(({ robot }) => robot.name)
  return { made: undefined, why: undefined, disabled: names(disable), removed: names(remove), current: current.robot }
}

/** Another run may have cleared it away. */
function unlessGone(error: unknown): undefined {
  if (!harborMissing.is(error)) throw error
}
