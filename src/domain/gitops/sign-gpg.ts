import { join } from 'node:path'
import { ensureFolder, removeTree, writeAtomic } from '../../io/files.ts'
import type { Processes } from '../../spec/ports.ts'
import { gitopsSigning } from './errors.ts'
import { runSigner } from './run-signer.ts'
import type { Signing } from './signing.ts'

export interface GpgKey {
  /** Private, in its armour. */
  readonly key: string
  /** Default: none. */
  readonly passphrase?: string | undefined
}

/** Signs with an OpenPGP key, by gpg with a home of its own that is gone afterwards. The passphrase goes through a pipe. @throws SW-GITOPS-SIGNING */
export async function gpgSigning({ key, passphrase = '' }: GpgKey, folder: string, process: Processes): Promise<Signing> {
  const home = join(folder, 'gnupg')
  await ensureFolder(home, 0o700)
  const gpg = ['gpg', '--homedir', home, '--batch', '--no-tty', '--quiet']
  const forget = async (): Promise<void> => {
    // The agent holds the key in memory, and goes on when gpg has ended.
    await process.run({ argv: ['gpgconf', '--homedir', home, '--kill', 'all'] }).catch(() => undefined)
    await removeTree(home)
  }
  const fingerprint = await imported(key, gpg, process).catch(async (error: unknown) => {
    await forget()
    throw error
  })
  const unlock = ['--pinentry-mode', 'loopback', '--passphrase-fd', '0']
  const payload = join(folder, 'signed-commit')
  return {
    async sign(commit) {
      await writeAtomic(payload, commit, { mode: 0o600 })
      const argv = [...gpg, ...unlock, '--local-user', fingerprint, '--armor', '--detach-sign', '--output', '-', payload]
      return runSigner(process, { argv, stdin: `${passphrase}\n` })
    },
    [Symbol.asyncDispose]: forget,
  }
}

/** Takes the key in; its fingerprint. */
async function imported(key: string, gpg: readonly string[], process: Processes): Promise<string> {
  await runSigner(process, { argv: [...gpg, '--import'], stdin: key.endsWith('\n') ? key : `${key}\n` })
  const listed = await runSigner(process, { argv: [...gpg, '--with-colons', '--list-secret-keys'] })
  const fingerprint = /^fpr:+([0-9A-F]{40,64}):/m.exec(listed)?.[1]
  if (fingerprint !== undefined) return fingerprint
  throw gitopsSigning('The key holds no private half that gpg knows.', {
    hint: 'gpg --armor --export-secret-keys KEY',
    safe: 'nothing was written',
  })
}
