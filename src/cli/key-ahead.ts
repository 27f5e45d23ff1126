import { beginToDerive } from '../domain/sigstore/keys/encrypted-key.ts'
import type { Surroundings } from '../host/process-environment.ts'
import { factsOrNothing } from '../io/file-facts.ts'
import { readSmallSync } from '../io/file-read.ts'
import { namesKey } from './key-flag.ts'

const mostBytes = 64 * 1024

/**
 * Begins what takes longest of opening an encrypted key, when a flag names its file and the environment has its password. What is wrong
 * with either is said by who opens the key; a key that nobody opens costs a fifth of a second of a thread. Never rejects.
 */
export async function deriveAhead({ argv, environment }: Pick<Surroundings, 'argv' | 'environment'>): Promise<void> {
  const password = environment['COSIGN_PASSWORD']
  if (password === undefined) return
  const paths = argv.flatMap((word, at) => (namesKey(word) ? [word.split('=', 2)[1] ?? argv[at + 1] ?? ''] : []))
  for (const path of new Set(paths)) {
    try {
      // Of a pipe, opening it and going again would be the end for who writes to it.
      if ((await factsOrNothing(path))?.kind !== 'file') continue
      beginToDerive(readSmallSync([path], mostBytes).join(''), password)
    } catch {
      // As above.
    }
  }
}
