import { chmodSync, cpSync, lutimesSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { output } from './program.ts'

export const repository = dirname(dirname(import.meta.dirname))

/** Names in the example's folder that a checkout of it does not have. */
const leftovers = new Set(['node_modules', '.slipway'])

/** A checkout of an example in a new folder. */
export function checkOutExample(to: string, example = 'hello-node'): void {
  const from = join(repository, 'examples', example)
  for (const name of readdirSync(from)) if (!leftovers.has(name)) cpSync(join(from, name), join(to, name), { recursive: true })
}

export async function installDependencies(folder: string): Promise<void> {
  await output(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: folder })
}

/** Gives every file another time, and takes the permissions of group and others. */
export function disturb(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    lutimesSync(path, 1_000_000_000, 1_000_000_000)
    if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o700)
  }
}
