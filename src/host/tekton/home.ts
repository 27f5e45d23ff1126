import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, Surroundings } from '../process-environment.ts'

/** The folder that Tekton mounts for every step to write to. */
const tektonHome = '/tekton/home'

/** The environment with a HOME and a TMPDIR that exist and may be written: the root file system is read-only, and nobody else makes them. */
export function withHome({ environment, temporary }: Surroundings): Environment & { readonly TMPDIR: string } {
  const HOME = [environment['HOME'], tektonHome].find(isUsable) ?? temporary
  const TMPDIR = [environment['TMPDIR'], join(HOME, 'tmp')].find(isUsable) ?? temporary
  return { ...environment, HOME, TMPDIR }
}

function isUsable(folder: string | undefined): folder is string {
  if (!folder) return false
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
