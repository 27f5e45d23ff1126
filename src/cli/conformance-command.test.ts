import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../test/fakes/ports.ts'
import { temporaryFolder } from '../../test/real/folder.ts'
import { sha256 } from '../base/digest.ts'
import { knownInstance } from '../domain/sigstore/instance/instance.ts'
import type { HttpRequest } from '../spec/ports.ts'
import { conformanceCommand } from './conformance-command.ts'

const fixtures = join(import.meta.dirname, '../domain/sigstore/verify/fixtures/file')
const fixture = (name: string): string => join(fixtures, name)
const file = fixture('a.txt')
const digest = sha256(readFileSync(file))
const identity = ['--certificate-identity', 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1']
const issuer = ['--certificate-oidc-issuer', 'http://10.88.0.1:38115/github']
const root = ['--trusted-root', fixture('trusted-root.json')]
const bundle = ['--bundle', fixture('cosign-rekor-v2.json')]

function at(workingFolder: string) {
  const asked: string[] = []
  const printed: string[] = []
  const masked: string[] = []
  const http = {
    request: ({ url }: HttpRequest) => {
      asked.push(url)
      return Promise.reject(new Error('a socket was opened'))
    },
  }
  const { ports } = fakePorts({ http })
  const run = (...argv: string[]): Promise<void> =>
    conformanceCommand(argv, { workingFolder, ports, mask: (text) => void masked.push(text), print: (line) => void printed.push(line) })
  return { run, asked, printed, masked }
}

describe('verify-bundle, as the suite writes it', () => {
  test.each([
    ['a file by an identity', [...bundle, ...identity, ...issuer, ...root, file]],
    ['a digest by an identity', [...bundle, ...identity, ...issuer, ...root, digest]],
    ['a file by a key', ['--bundle', fixture('cosign-key.json'), '--key', fixture('k.pub'), ...root, file]],
    ['a digest by a key', ['--bundle', fixture('cosign-key.json'), '--key', fixture('k.pub'), ...root, digest]],
    ['a file at the staging instance, with a root', ['--staging', ...bundle, ...identity, ...issuer, ...root, file]],
  ])('proves %s, and opens no socket with a trusted root', async (_, argv) => {
    const { run, asked, printed } = at('/')
    await run('verify-bundle', ...argv)
    expect(printed).toEqual(['verified'])
    expect(asked).toEqual([])
  })

  test.each([
    ['another file', [...bundle, ...identity, ...issuer, ...root, fixture('k.pub')], 'SW-FILE-UNPROVEN', 'subject-mismatch'],
    ['another identity', [...bundle, '--certificate-identity', 'me', ...issuer, ...root, file], 'SW-FILE-UNPROVEN', 'identity-mismatch'],
    [
      'a key for an identity',
      ['--bundle', fixture('cosign-key.json'), ...identity, ...issuer, ...root, file],
      'SW-FILE-UNPROVEN',
      'no-rule',
    ],
    ['key and identity', [...bundle, ...identity, '--key', fixture('k.pub'), ...root, file], 'SW-USAGE', 'give one'],
    ['nobody', [...bundle, ...root, file], 'SW-USAGE', '--certificate-identity'],
    ['no file', [...bundle, ...identity, ...issuer, ...root], 'SW-USAGE', 'is missing'],
    ['a digest that is none', [...bundle, ...identity, ...issuer, ...root, 'sha256:abc'], 'SW-FILE-MISSING', 'sha256:abc'],
    ['a root that is none', [...bundle, ...identity, ...issuer, '--trusted-root', file, file], 'SW-TRUST-ROOT-INVALID', 'a.txt'],
    ['a bundle that is not there', ['--bundle', '/nowhere', ...identity, ...issuer, ...root, file], 'SW-FILE-MISSING', '/nowhere'],
  ])('refuses %s', async (_, argv, code, why) => {
    const { run } = at('/')
    await expect(run('verify-bundle', ...argv)).rejects.toMatchObject({ code, message: expect.stringContaining(why) })
  })

  test('takes a file that is named as a digest for a file', async () => {
    using folder = temporaryFolder('conformance')
    writeFileSync(join(folder.path, digest), 'something else')
    const running = at(folder.path).run('verify-bundle', ...bundle, ...identity, ...issuer, ...root, digest)
    await expect(running).rejects.toMatchObject({ message: expect.stringContaining('subject-mismatch') })
  })

  test.each([
    ['the public instance', [], 'https://tuf-repo-cdn.sigstore.dev/'],
    ['the staging instance', ['--staging'], 'https://tuf-repo-cdn.sigstage.dev/'],
  ])('without a trusted root asks %s', async (_, flags, origin) => {
    const { run, asked } = at('/')
    await expect(run('verify-bundle', ...flags, ...bundle, ...identity, ...issuer, file)).rejects.toThrow('a socket was opened')
    expect(asked).toEqual([expect.stringContaining(origin)])
  })

  test('proves what the public instance signed, by the root that is built in', async () => {
    using folder = temporaryFolder('conformance')
    writeFileSync(join(folder.path, 'root.json'), (await knownInstance('public')).builtIn?.trustedRoot ?? '')
    const { run, asked } = at(folder.path)
    await run(
      ...['verify-bundle', '--bundle', fixture('custom-issuer.sigstore.json')],
      ...['--certificate-identity', 'https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main'],
      ...['--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com/hammer-time'],
      ...['--trusted-root', 'root.json', fixture('custom-issuer-artifact')],
    )
    expect(asked).toEqual([])
  })
})

describe('sign-bundle', () => {
  test('hides the token, and leaves no bundle when it cannot sign', async () => {
    using folder = temporaryFolder('conformance')
    const { run, masked } = at(folder.path)
    const running = run('sign-bundle', '--identity-token', 'a.b.c', '--bundle', 'out.json', '--signing-config', file, file)
    await expect(running).rejects.toMatchObject({ code: 'SW-SIGNING-CONFIG' })
    expect(masked).toEqual(['a.b.c'])
    expect(() => readFileSync(join(folder.path, 'out.json'))).toThrow()
  })
})

test('there is nothing else', async () => {
  await expect(at('/').run('sign')).rejects.toMatchObject({ code: 'SW-USAGE' })
})
