import { join } from 'node:path'
import { ensureFolder, removeTree, writeAtomic } from '../../io/files.ts'
import type { Processes } from '../../spec/ports.ts'
import { runSigner } from './run-signer.ts'
import type { Signing } from './signing.ts'

/** Signs with an SSH key (ssh-keygen(1), -Y sign); the key lies in a private folder while it is needed. */
export async function sshSigning(key: string, folder: string, process: Processes): Promise<Signing> {
  await ensureFolder(folder)
  const path = join(folder, 'signing-key')
  await writeAtomic(path, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 })
  return {
    sign: (commit) => runSigner(process, { argv: ['ssh-keygen', '-q', '-Y', 'sign', '-n', 'git', '-f', path], stdin: commit }),
    [Symbol.asyncDispose]: () => removeTree(path),
  }
}
