import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { CompiledCode } from './compiled-code.ts'
import type { Environment } from './process-environment.ts'

interface Around {
  readonly environment: Environment
  /** Absolute. */
  readonly workingFolder: string
  /** The effective user of this process; undefined where a system has none. */
  readonly user: number | undefined
}

interface Started {
  readonly argv: readonly string[]
  /** Absolute: the folder of the bundle. */
  readonly bundle: string
}

/** Set by CI systems, or in what they run for us: nothing of theirs outlives a job, or it is shared with other jobs. */
const automation = ['CI', 'GITHUB_ACTIONS', 'JENKINS_URL', 'TF_BUILD', 'KUBERNETES_SERVICE_HOST'] as const

/**
 * What runs the code of the command and keeps it compiled for later runs of the same command, in the user's own cache folder. Code in there is
 * executed, so it is used only where nobody else could have put it: see {@link compileCacheFolder}. NODE_DISABLE_COMPILE_CACHE turns it off.
 */
export function compiledCodeFor({ argv, bundle, ...around }: Omit<Around, 'user'> & Started): CompiledCode {
  const isOff = around.environment['NODE_DISABLE_COMPILE_CACHE'] === '1'
  const bundles = isOff ? undefined : compileCacheFolder({ ...around, user: process.geteuid?.() })
  return new CompiledCode(bundles === undefined ? undefined : { bundles, bundle: nameOf(bundle), command: kindOf(argv) })
}

/** Two versions that are used in turn are in two folders; an update in the same one replaces what was kept of the version before. */
function nameOf(bundle: string): string {
  return createHash('sha256').update(bundle).digest('hex').slice(0, 16)
}

/** Each command calls other functions, and its help none of them. */
function kindOf(argv: readonly string[]): string {
  const [command = ''] = argv
  if (argv.includes('--help') || argv.includes('-h')) return 'help'
  return /^[a-z-]{1,32}$/.test(command) ? command : 'any'
}

/**
 * `slipway/compiled` in XDG_CACHE_HOME or ~/.cache, made when it is missing. Undefined in CI, within the working folder, where it would
 * become part of an image, when it can't be made, and when anyone but the user and root could write to it or to a folder above it.
 * Nothing is made in a home of somebody else: sudo may leave HOME as it was.
 */
export function compileCacheFolder({ environment, workingFolder, user }: Around): string | undefined {
  const { HOME: home, XDG_CACHE_HOME: cache } = environment
  const [base, ...below] = cache ? [cache, 'slipway', 'compiled'] : [home ?? '', '.cache', 'slipway', 'compiled']
  if (user === undefined || !isAbsolute(base) || automation.some((name) => environment[name])) return undefined
  try {
    let folder = realpathSync(base)
    for (const name of below) {
      if (isWithin(folder, workingFolder)) return undefined
      folder = realpathSync(madeIn(folder, name, user))
    }
    return isPrivate(folder, user) && !isWithin(folder, workingFolder) ? folder : undefined
  } catch {
    return undefined
  }
}

/** A folder in one that is there: nobody's home is made here. In one of somebody else none is made, and what is not there is missed later. */
function madeIn(parent: string, name: string, user: number): string {
  const folder = join(parent, name)
  if (!existsSync(folder) && lstatSync(parent).uid === user) mkdirSync(folder, { mode: 0o700 })
  return folder
}

function isPrivate(folder: string, user: number): boolean {
  const { uid, mode } = lstatSync(folder)
  return uid === user && (mode & 0o077) === 0 && above(folder).every((path) => isSafe(path, user))
}

/** Nobody else can put another folder in the place of one in here. */
function isSafe(path: string, user: number): boolean {
  const { uid, mode } = lstatSync(path)
  const [isShared, isSticky] = [(mode & 0o022) !== 0, (mode & 0o1000) !== 0]
  return (uid === user || uid === 0) && (!isShared || isSticky)
}

function isWithin(folder: string, outer: string): boolean {
  return [folder, ...above(folder)].includes(outer)
}

function above(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...above(parent)]
}
