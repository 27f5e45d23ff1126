import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../test/real/folder.ts'
import { openEncryptedKey } from '../domain/sigstore/keys/encrypted-key.ts'
import { generateKeys } from '../domain/sigstore/keys/generate.ts'
import { deriveAhead } from './key-ahead.ts'
import { namesKey } from './key-flag.ts'

const password = 'canary-password'
const { privateKey } = generateKeys('p256', password)

describe('a key among the arguments', () => {
  test.each([
    ['--key', true],
    ['--key=cosign.key', true],
    ['--sign.key', true],
    ['--attest.key=cosign.key', true],
    ['--key-password', false],
    ['--key-password-from-env', false],
    ['key', false],
    ['--keys', false],
  ])('%s is one: %s', (word, isKey) => {
    expect(namesKey(word)).toBe(isKey)
  })

  test.each<[string, readonly string[]]>([
    ['is there twice', ['sign', '--key', 'cosign.key', '--key=cosign.key']],
    ['has no value', ['sign', '--key']],
    ['is not there', ['sign', '--key', 'none.key']],
    ['is a folder', ['sign', '--key', 'folder']],
    ['is too large', ['sign', '--key', 'large.key']],
    ['is a plain one', ['sign', '--key', 'plain.key']],
    ['is no JSON inside', ['sign', '--key', 'broken.key']],
    ['is in a service', ['sign', '--key', 'hashivault://app']],
  ])('that %s is left to who opens it', async (_, argv) => {
    using folder = temporaryFolder('key-ahead')
    const file = (name: string): string => join(folder.path, name)
    writeFileSync(file('cosign.key'), privateKey)
    writeFileSync(file('large.key'), privateKey + ' '.repeat(70_000))
    writeFileSync(file('plain.key'), '-----BEGIN PRIVATE KEY-----\n')
    writeFileSync(file('broken.key'), privateKey.replace(/eyJ.*/, 'AAAA'))
    mkdirSync(file('folder'))
    const here = argv.map((word) => word.replace(/^(--key=)?(\w+\.key|folder)$/, (_whole, flag = '', name) => `${flag}${file(name)}`))
    for (const environment of [{}, { COSIGN_PASSWORD: password }, { COSIGN_PASSWORD: 'wrong' }]) {
      expect(() => deriveAhead({ argv: here, environment })).not.toThrow()
      const pem = readFileSync(file('cosign.key'), 'utf8')
      expect((await openEncryptedKey(pem, password, 'cosign.key')).length).toBeGreaterThan(100)
    }
  })

  test('that comes through a pipe is all there for who opens it', async () => {
    using folder = temporaryFolder('key-ahead')
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    // The shell tells when it is about to wait for a reader.
    const writer = spawn('sh', ['-c', 'echo ready; printf %s "$KEY" > "$PIPE"'], { env: { KEY: privateKey, PIPE: pipe } })
    const ended = once(writer, 'close')
    const ready = once(writer.stdout, 'data')
    const errors = text(writer.stderr)
    await ready
    for (let look = 0; look < 20; look += 1) {
      deriveAhead({ argv: ['sign', '--key', pipe], environment: { COSIGN_PASSWORD: password } })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(writer.exitCode ?? writer.signalCode).toBeNull()
    expect(readFileSync(pipe, 'utf8')).toBe(privateKey)
    expect(await ended).toEqual([0, null])
    expect(await errors).toBe('')
  })
})
