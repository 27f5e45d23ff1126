import { existsSync } from 'node:fs'
import { suggest } from '../base/suggest.ts'
import type { Host } from '../spec/host.ts'
import type { RawInputs } from '../spec/parse-inputs.ts'
import { hostUnknown } from './errors.ts'
import { githubHost } from './github.ts'
import { localHost } from './local.ts'
import { processSurroundings, type Surroundings } from './process-environment.ts'
import { tektonHost } from './tekton.ts'

export interface DetectOptions {
  readonly surroundings?: Surroundings
  /** Values given as flags, by public name; only the local host takes them. */
  readonly given?: RawInputs
  /** A folder that every Tekton step has, and nothing else. */
  readonly tektonFolder?: string
}

const names = ['github', 'tekton', 'local'] as const

/** The host that this process runs on. SLIPWAY_HOST decides where it is set, as the generated Tekton Tasks do. @throws SW-HOST-UNKNOWN */
export function detectHost({ surroundings = processSurroundings(), given, tektonFolder = '/tekton/steps' }: DetectOptions = {}): Host {
  const name = named(surroundings) ?? found(surroundings, tektonFolder)
  if (name === 'github') return githubHost(surroundings)
  return name === 'tekton' ? tektonHost(surroundings) : localHost(surroundings, given)
}

function named({ environment }: Surroundings): Host['name'] | undefined {
  const asked = environment['SLIPWAY_HOST']
  if (!asked) return undefined
  const name = names.find((known) => known === asked)
  if (name !== undefined) return name
  const meant = suggest(asked, names)
  throw hostUnknown(
    `SLIPWAY_HOST is "${asked}", expected one of ${names.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  )
}

function found({ environment }: Surroundings, tektonFolder: string): Host['name'] {
  if (environment['GITHUB_ACTIONS'] === 'true') return 'github'
  return existsSync(tektonFolder) ? 'tekton' : 'local'
}
