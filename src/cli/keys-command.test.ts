import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../test/fakes/ports.ts'
import { temporaryFolder } from '../../test/real/folder.ts'
import { keysCommand } from './keys-command.ts'

function at(workingFolder: string, environment: Record<string, string> = { COSIGN_PASSWORD: 'correct horse' }) {
  const lines: string[] = []
  const masked: string[] = []
  const run = (...argv: string[]): Promise<void> =>
    keysCommand(argv, {
      ...{ workingFolder, environment, ports: fakePorts().ports },
      mask: (text) => void masked.push(text),
      print: (line) => void lines.push(line),
    })
  return { run, lines, masked }
}

describe('slipway keys', () => {
  test('generate makes a private key for its owner alone, of which public tells the other half', async () => {
    using folder = temporaryFolder('keys-command')
    const { run, lines, masked } = at(folder.path)
    await run('generate')
    expect(statSync(join(folder.path, 'cosign.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder.path, 'cosign.pub')).mode & 0o777).toBe(0o644)
    await run('public')
    expect(`${lines.at(-1)}\n`).toBe(readFileSync(join(folder.path, 'cosign.pub'), 'utf8'))
    expect(masked).toContain('correct horse')
    expect(lines.join('\n')).not.toMatch(/correct horse|PRIVATE/)
  })

  test.each(['cosign.key', 'cosign.pub'])('generate leaves a %s that is there as it is, and writes nothing else', async (name) => {
    using folder = temporaryFolder('keys-command')
    writeFileSync(join(folder.path, name), 'mine')
    await expect(at(folder.path).run('generate')).rejects.toMatchObject({ code: 'SW-KEY-EXISTS', exit: 5 })
    expect(readdirSync(folder.path)).toEqual([name])
    expect(readFileSync(join(folder.path, name), 'utf8')).toBe('mine')
  })

  test('generate wants to be asked for the empty password', async () => {
    using folder = temporaryFolder('keys-command')
    await expect(at(folder.path, {}).run('generate')).rejects.toMatchObject({ code: 'SW-USAGE' })
    await at(folder.path, { COSIGN_PASSWORD: '' }).run('generate', '--output', 'open')
    expect(readdirSync(folder.path)).toEqual(['open.key', 'open.pub'])
  })

  test.each([
    [['generate', '--type', 'p224'], 'p256'],
    [['generte'], 'did you mean `generate`'],
    [[], 'generate or public'],
  ])('%j is refused: %s', async (argv, message) => {
    await expect(at('/nowhere').run(...argv)).rejects.toMatchObject({ code: 'SW-USAGE', message: expect.stringContaining(message) })
  })

  test('generate at a place that cannot be written leaves nothing', async () => {
    using folder = temporaryFolder('keys-command')
    await expect(at(folder.path).run('generate', '--output', 'no/such/folder/k')).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
  })
})
