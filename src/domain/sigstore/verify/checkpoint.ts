import type { TransparencyLogEntry } from '@sigstore/bundle'
import { Refused } from './reasons.ts'

/**
 * Requires that a proof of inclusion says the tree that its checkpoint is signed for: the library proves an entry against the checkpoint
 * alone, and another reader may take the size and root beside it (C2SP, tlog-checkpoint.md). Throws {@link Refused}.
 */
export function requireCheckpoint({ inclusionProof }: TransparencyLogEntry): void {
  if (inclusionProof?.checkpoint === undefined) return
  const [, size, root] = inclusionProof.checkpoint.envelope.split('\n')
  const told = `${inclusionProof.treeSize} ${inclusionProof.rootHash.toString('base64')}`
  if (told !== `${size} ${root}`)
    throw new Refused('log-proof-invalid', { expected: `${size} ${root}`.slice(0, 100), got: told.slice(0, 100) })
}
