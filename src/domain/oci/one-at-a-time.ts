import { isLoopback } from '../../base/loopback.ts'
import { underMachineLock } from '../../io/machine-lock.ts'
import type { Repository } from './registry.ts'

/** Milliseconds, at least, in which a writer elsewhere that had read before we wrote has written. */
const settling = 400

/**
 * Changes something at a registry that can only be read and written whole, such as a list under a tag, after everybody else in this run and
 * on this machine who does. Writers on other machines are not seen: the work has to look whether it lasted.
 */
export async function oneAtATime<T>(repository: Repository, what: string, work: () => Promise<T>): Promise<T> {
  const key = `${repository.name} ${what}`
  return repository.known.turns.take(key, () => underMachineLock(key, work))
}

/**
 * Waits for the moment in which a writer on another machine, that had read before we wrote, writes without our part; says whether it
 * waited. A registry on loopback has no writers elsewhere.
 */
export async function letOthersWrite({ registry, clock }: Repository): Promise<boolean> {
  if (isLoopback(registry)) return false
  await clock.sleep(settling * (1 + Math.random()))
  return true
}
