import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Environment, Surroundings } from '../process-environment.ts'

/**
 * The environment with a HOME and a TMPDIR that exist and may be written: the root file system is read-only, and nobody else makes them.
 * The Task gives its home as SLIPWAY_HOME: with HOME set, Kubernetes would expand `$(HOME)` in the items of lists.
 */
export function withHome({ environment, temporary }: Surroundings): Environment & { readonly TMPDIR: string } {
  const HOME = [environment['SLIPWAY_HOME'], environment['HOME']].find(isUsable) ?? temporary
  const TMPDIR = [environment['TMPDIR'], join(HOME, 'tmp')].find(isUsable) ?? temporary
  return { ...environment, HOME, TMPDIR }
}

function isUsable(folder: string | undefined): folder is string {
  if (!folder) return false
  try {
    make(folder)
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Not with `recursive`: that never ends where a folder cannot be made and the system says ENOENT (under /proc, nodejs/node). */
function make(folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) make(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}
