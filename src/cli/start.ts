import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledCodeFor } from '../host/compile-cache.ts'
import { CompiledCode } from '../host/compiled-code.ts'
import { processBeginnings, processSurroundings } from '../host/process-environment.ts'
import { loadChunksWith } from './chunks.ts'
import { deriveAhead } from './key-ahead.ts'

/**
 * The entry of the `slipway` command: so small that nearly all code is compiled behind {@link compiledCodeFor}, and a password is at
 * work while the rest is loaded.
 */
export async function runCommand(): Promise<void> {
  // First of all: nothing else that a signature waits for takes as long.
  deriveAhead(processBeginnings())
  const surroundings = processSurroundings()
  const code = compiledCodeFor({ ...surroundings, bundle: dirname(fileURLToPath(import.meta.url)) })
  loadChunksWith(code)
  const entry = await import('./entry.ts')
  await entry.runCommand(surroundings)
  // Behind whatever else is done at the end. A command that failed has not called what the next one will, and may be a mistyped name.
  surroundings.onExit(() => process.exitCode === 0 && code.keep())
}

/** The entry of a task's action. */
export async function runTask(name: string): Promise<void> {
  loadChunksWith(new CompiledCode(undefined))
  const entry = await import('./entry.ts')
  await entry.runTask(name)
}
