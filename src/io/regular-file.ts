import { readFileSync, statSync } from 'node:fs'

/**
 * The text of a file of at most `limit` bytes, undefined of anything else: of a pipe, opening it and going again would be the end for who
 * writes to it. Alone here, for who reads it before anything else is loaded. Throws what Node throws.
 */
export function readRegularSync(path: string, limit: number): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && found.size <= limit ? readFileSync(path, 'utf8') : undefined
}
