import { beginToDerive, mostBytes } from '../domain/sigstore/keys/derive.ts'
import type { Surroundings } from '../host/process-environment.ts'
import { readRegularSync } from '../io/regular-file.ts'
import { namesKey } from './key-flag.ts'

/**
 * Begins what takes longest of opening an encrypted key, when a flag names its file and the environment has its password. What is wrong
 * with either is said by who opens the key; a key that nobody opens costs a fifth of a second of a thread. Never throws.
 */
export function deriveAhead({ argv, environment }: Pick<Surroundings, 'argv' | 'environment'>): void {
  const password = environment['COSIGN_PASSWORD']
  if (password === undefined) return
  const paths = argv.flatMap((word, at) => (namesKey(word) ? [word.split('=', 2)[1] ?? argv[at + 1] ?? ''] : []))
  for (const path of new Set(paths)) {
    try {
      beginToDerive(readRegularSync(path, mostBytes) ?? '', password)
    } catch {
      // As above.
    }
  }
}
