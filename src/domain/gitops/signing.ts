import { join } from 'node:path'
import { ensureFolder, writeAtomic } from '../../io/files.ts'
import type { Author } from './branch.ts'

/** Signs commits with an SSH key (gitformat-signature(5)); the key lies in a private folder while it is needed. */
export async function sshSigning(key: string, folder: string): Promise<Author['signing']> {
  await ensureFolder(folder)
  const path = join(folder, 'signing-key')
  await writeAtomic(path, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 })
  return { config: ['gpg.format=ssh', `user.signingkey=${path}`] }
}
