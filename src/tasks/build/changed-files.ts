import type { Processes } from '../../spec/ports.ts'

/** Milliseconds: who has so large a repository does without the warning. */
const patience = 10_000

/** Nothing that the repository's own settings name is started, and nothing is written. */
const argv = ['git', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'status', '--porcelain', '--no-renames', '-z', '--']

/**
 * How many files of a folder are not as the commit that is checked out has them, new ones included; a new folder counts once.
 * Undefined where git is not there or gives no answer, as for a checkout that belongs to another user.
 */
export async function changedFiles(folder: string, { process, cwd }: { process: Processes; cwd: string }): Promise<number | undefined> {
  try {
    const env = { GIT_OPTIONAL_LOCKS: '0' }
    const { code, stdout } = await process.run({ argv: [...argv, folder], cwd, env, timeout: patience })
    return code === 0 ? stdout.split('\0').filter((entry) => entry !== '').length : undefined
  } catch {
    // A build does not fail for want of a warning.
    return undefined
  }
}
