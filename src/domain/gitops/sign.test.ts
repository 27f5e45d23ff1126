import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { createProcesses } from '../../io/process.ts'
import type { Processes, ProcessRequest } from '../../spec/ports.ts'
import { parseAddress } from '../git/address.ts'
import { createRepository } from '../git/fixtures/repository.ts'
import { openGit } from '../git/git.ts'
import { commitFiles } from './commit.ts'
import { gpgSigning } from './sign-gpg.ts'
import { sshSigning } from './sign-ssh.ts'
import type { Signing } from './signing.ts'

let folder: string
let processes: Processes
let started: ProcessRequest[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sw-sign-'))
  const { ports } = fakePorts()
  started = []
  const environment = { PATH: process.env['PATH'] }
  const real = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  processes = {
    ...real,
    run: (request) => {
      started.push(request)
      return real.run(request)
    },
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } })

/** A key of OpenPGP, and the home that made it. */
function gpgKey(passphrase: string): { readonly home: string; readonly key: string } {
  const home = mkdtempSync(join(folder, 'gpg-'))
  const gpg = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase]
  run('gpg', ...gpg, '--quick-generate-key', 'CI <ci@example.com>', 'ed25519', 'sign', 'never')
  const key = run('gpg', ...gpg, '--armor', '--export-secret-keys')
  return { home, key }
}

/** Whether git takes a commit that is signed so; it is made in the repository itself. */
async function verified(
  signing: Signing,
  { format, check }: { readonly format?: 'sha256'; readonly check: Readonly<Record<string, string>> },
) {
  using repository = createRepository(format === undefined ? {} : { format })
  const { ports } = fakePorts({ process: processes })
  const git = openGit({ folder: repository.folder, address: parseAddress(repository.url), ssh: {} }, ports)
  const commit = await commitFiles(git, repository.git('rev-parse', 'HEAD'), {
    files: [{ path: 'a.yaml', mode: '100644', text: 'a: ü\n' }],
    message: 'Deploy\n\nSlipway-Image: x\n',
    author: { name: 'CI', email: 'ci@example.com', signing },
    now: Date.now(),
  })
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GNUPGHOME: check['home'] }
  const keys = check['allowed'] === undefined ? [] : ['-c', `gpg.ssh.allowedSignersFile=${check['allowed']}`]
  execFileSync('git', [...keys, 'verify-commit', commit], { cwd: repository.folder, env, stdio: 'pipe' })
  return repository.git('log', '-1', '--format=%an|%B', commit)
}

describe('a commit is signed as git itself would have it', () => {
  test.each([undefined, 'sha256'] as const)('by an SSH key, in a repository of %s', async (format) => {
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'ci@example.com', '-f', join(folder, 'key'))
    const allowed = join(folder, 'allowed')
    writeFileSync(allowed, `ci@example.com ${readFileSync(join(folder, 'key.pub'), 'utf8')}`)
    const own = join(folder, 'own')
    {
      await using signing = await sshSigning(readFileSync(join(folder, 'key'), 'utf8'), own, processes)
      const check = { allowed }
      expect(await verified(signing, format === undefined ? { check } : { format, check })).toBe('CI|Deploy\n\nSlipway-Image: x')
      expect(existsSync(join(own, 'signing-key'))).toBe(true)
    }
    expect(existsSync(join(own, 'signing-key'))).toBe(false)
  })

  test.each(['', 'correct horse'])('by an OpenPGP key with the passphrase %j, which is in no argument', async (passphrase) => {
    const { home, key } = gpgKey(passphrase)
    const own = join(folder, 'own')
    {
      await using signing = await gpgSigning({ key, passphrase }, own, processes)
      expect(await verified(signing, { check: { home } })).toBe('CI|Deploy\n\nSlipway-Image: x')
    }
    const seen = started.map(({ argv, env }) => JSON.stringify([argv, env])).join('\n')
    expect(seen).not.toContain('PRIVATE KEY')
    expect(seen.includes('correct horse')).toBe(false)
    expect(existsSync(join(own, 'gnupg'))).toBe(false)
    run('gpgconf', '--homedir', home, '--kill', 'all')
  })
})

describe('what signs nothing is told', () => {
  test.each<[string, () => Promise<Signing>, RegExp]>([
    ['a text that is no SSH key', () => sshSigning('x', folder, processes), /ssh-keygen ended with/],
    ['a text that is no OpenPGP key', () => gpgSigning({ key: 'x' }, folder, processes), /gpg ended with/],
    [
      'a program that is not there',
      () => sshSigning('x', folder, { ...processes, run: (request) => processes.run({ ...request, env: { PATH: folder } }) }),
      /ssh-keygen is not installed/,
    ],
  ])('%s', async (_, open, message) => {
    const signing = async (): Promise<string> => {
      await using opened = await open()
      return opened.sign(Buffer.from('tree x\n\nhello\n'))
    }
    await expect(signing()).rejects.toMatchObject({ code: 'SW-GITOPS-SIGNING', message: expect.stringMatching(message) })
  })

  test('a wrong passphrase', async () => {
    const { home, key } = gpgKey('right')
    await using signing = await gpgSigning({ key, passphrase: 'wrong' }, join(folder, 'own'), processes)
    await expect(signing.sign(Buffer.from('x'))).rejects.toMatchObject({ code: 'SW-GITOPS-SIGNING' })
    run('gpgconf', '--homedir', home, '--kill', 'all')
  })
})
