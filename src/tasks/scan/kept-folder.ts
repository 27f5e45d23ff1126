import { join } from 'node:path'
import { ensureFolder } from '../../io/files.ts'
import type { Context } from '../../spec/define.ts'

/** What {@link keptFolder} looks at. */
export const keptEnvironment = ['HOME', 'XDG_CACHE_HOME'] as const

/**
 * Where advisories that are fetched are kept: with the user, as a workspace may hold what others wrote, or for this run alone where there is
 * no such place.
 */
export async function keptFolder({ environment, files }: Pick<Context<never>, 'environment' | 'files'>): Promise<string> {
  const { HOME: home, XDG_CACHE_HOME: cache } = environment
  const base = cache ?? (home === undefined ? undefined : join(home, '.cache'))
  if (base?.startsWith('/') !== true) return files.temporary('advisories')
  const folder = join(base, 'slipway', 'advisories')
  return ensureFolder(folder, 0o700).then(
    () => folder,
    () => files.temporary('advisories'),
  )
}
