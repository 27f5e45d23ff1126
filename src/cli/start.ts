import { keepCompiledCode } from '../host/compile-cache.ts'
import { processSurroundings } from '../host/process-environment.ts'
import { namesKey } from './key-flag.ts'

/**
 * The entry of the `slipway` command: so small that nearly all code is compiled behind {@link keepCompiledCode}, and a password is at
 * work while the rest is loaded.
 */
export async function runCommand(): Promise<void> {
  const surroundings = processSurroundings()
  // First of all: nothing else that a signature waits for takes as long.
  if (surroundings.argv.some(namesKey)) (await import('./key-ahead.ts')).deriveAhead(surroundings)
  keepCompiledCode(surroundings)
  const entry = await import('./entry.ts')
  await entry.runCommand(surroundings)
}

/** The entry of a task's action. */
export async function runTask(name: string): Promise<void> {
  const entry = await import('./entry.ts')
  await entry.runTask(name)
}
