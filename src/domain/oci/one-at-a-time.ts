import { underMachineLock } from '../../io/machine-lock.ts'
import type { Repository } from './registry.ts'

/**
 * Changes something at a registry that can only be read and written whole, such as a list under a tag, after everybody else in this run and
 * on this machine who does. Writers on other machines are not seen: the work has to look whether it lasted.
 */
export async function oneAtATime<T>(repository: Repository, what: string, work: () => Promise<T>): Promise<T> {
  const key = `${repository.name} ${what}`
  return repository.known.turns.take(key, () => underMachineLock(key, work))
}
