import { join, resolve } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import { settingInvalid } from '../../domain/build/errors.ts'
import { type LayerCache, openCache } from '../../domain/cache/cache.ts'
import type { CompressOptions } from '../../io/compress.ts'
import { factsOrNothing } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const levels = { gzip: { min: 0, max: 9 }, zstd: { min: 1, max: 19 } } as const

/** The word that turns the cache off. */
const off = 'none'

/** How layers are compressed. @throws SW-BUILD-SETTING */
export function compressionOf({ compression: algorithm, level }: Pick<Input, 'compression' | 'level'>): CompressOptions {
  if (level === undefined) return { algorithm }
  if (algorithm === 'none') throw settingInvalid(`level is ${level} and compression is none, which has no levels.`)
  const { min, max } = levels[algorithm]
  if (level >= min && level <= max) return { algorithm, level }
  throw settingInvalid(`level is ${level}, expected ${min} to ${max} for ${algorithm}.`)
}

/** Says who cannot read what was asked for. */
export function warnOfCompression({ algorithm }: CompressOptions, { log }: Pick<Context<never>, 'log'>): void {
  if (algorithm === 'zstd') log.warn('layers compressed with zstd are read by Docker from 23.0 and containerd from 1.5; older ones fail')
}

/** The folder of the cache; undefined when it is turned off. */
export function cacheFolder({ cache }: Pick<Input, 'cache'>, { workspace }: Context<never>['files']): string | undefined {
  return cache === off ? undefined : resolve(workspace, cache)
}

/** The cache of layers, or none when it is turned off or cannot be had: then the build only takes longer. */
export async function cacheOf(input: Pick<Input, 'cache' | 'cacheLimit'>, context: Context<never>): Promise<LayerCache | undefined> {
  const folder = cacheFolder(input, context.files)
  const home = context.environment['HOME']
  if (folder === undefined) return undefined
  try {
    // Not in the cache itself, which others may write; and no home is made for somebody who has none.
    const hasHome = home !== undefined && (await factsOrNothing(home))?.kind === 'directory'
    const secretFile = hasHome ? join(home, '.local/state/slipway/cache-secret') : undefined
    return await openCache({ folder, secretFile, limit: input.cacheLimit, clock: context.clock, log: context.log })
  } catch (error) {
    context.log.warn('the cache of layers cannot be used', { folder, because: messageOf(error) })
    return undefined
  }
}
