import type { Clock, Secrets } from '../../../../spec/ports.ts'
import type { SecretStore } from '../../../secretstore/store.ts'
import { connectHarbor, type Harbor, type HarborPorts } from '../../client.ts'
import { harborConflict, harborMissing, harborRobotBusy } from '../../errors.ts'
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
 * secret the stores have: who made a robot and then finds a newer one does it again.
 */
export async function rotateRobot(rotation: Rotation, ports: RotationPorts): Promise<Rotated> {
  const { clock } = ports
  const first = await generations(rotation)
  const begun = currentOf(first)?.number ?? 0
  let terms = rotation.terms
  for (let round = 1; round <= mostRounds; round += 1) {
    const seen = await settled(round === 1 ? first : await generations(rotation), rotation, ports)
    const another = (currentOf(seen)?.number ?? 0) > begun
    const plan = planRotation(seen, another && terms === rotation.terms ? { ...terms, force: false } : terms, clock.now())
    if (plan.make === undefined) return cleared(rotation, seen, ports)
    const made = await makeNext(plan.make.number, rotation, ports)
    if (made === 'taken') continue
    const after = await handOver(made, rotation, ports)
    if (after !== undefined) return { ...(await cleared(rotation, after, ports)), made, why: plan.make.why }
    terms = { ...terms, force: true }
  }
  throw harborRobotBusy(`Others rotate ${rotation.base} at the same time: ${mostRounds} rounds without an end.`, { retryable: true })
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
    return made
  } catch (error) {
    if (harborConflict.is(error)) return 'taken'
    throw error
  }
}

/** The generations afterwards; undefined when a newer one than ours is there, whose secret the stores may have or not. */
async function handOver(made: MadeRobot, rotation: Rotation, ports: RotationPorts): Promise<readonly Generation[] | undefined> {
  const { harbor, robot, stores } = rotation
  const login = { registry: new URL(harbor.origin).host, username: made.name, password: made.secret }
  try {
    ports.doing(`logging in as ${made.name}`)
    const credential = { kind: 'password', username: made.name, password: made.secret, source: 'the robot that was made just now' } as const
    await verifyRobot(connectHarbor({ origin: harbor.origin, credential }, ports), { scopes: robot.scopes, name: made.name }, ports)
    for (const store of stores) await store.check()
  } catch (error) {
    // Nobody has the secret yet, nor ever will.
    await deleteRobot(harbor, made).catch(() => undefined)
    throw error
  }
  for (const store of stores) {
    ports.doing(`handing the secret of ${made.name} to the ${store.name}`)
    await store.put(login)
  }
  const newest = (await generations(rotation)).at(-1)
  if (newest?.robot.id !== made.id) return undefined
  await updateRobot(harbor, await readRobot(harbor, made.id), { description: robot.description })
  return generations(rotation)
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
function unlessGone(error: unknown): void {
  if (!harborMissing.is(error)) throw error
}
