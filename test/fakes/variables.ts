import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Variables of the environment that the sources of folders name as texts, each once, sorted. */
export function variablesReadIn(...folders: readonly string[]): readonly string[] {
  const sources = folders.flatMap((cwd) =>
    globSync('**/*.ts', { cwd })
      .filter((path) => !path.endsWith('.test.ts') && path !== 'environment.ts')
      .map((path) => readFileSync(join(cwd, path), 'utf8')),
  )
  const names = sources.flatMap((text) => [...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOME)'/g)].map(([, name]) => name ?? ''))
  return [...new Set(names)].sort()
}
