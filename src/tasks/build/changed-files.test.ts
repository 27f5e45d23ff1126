import { execFileSync, spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { fill, type Tree, tree } from '../../domain/build/fixtures/tree.ts'
import { processNotFound } from '../../io/errors.ts'
import type { Processes } from '../../spec/ports.ts'
import { changedFiles } from './changed-files.ts'

/** The program itself, without what the real port has around it. */
const process: Processes = {
  async run({ argv: [program = '', ...args], cwd, env = {} }) {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      encoding: 'utf8',
      env: { PATH: globalThis.process.env['PATH'], ...env },
    })
    return { code: status, signal: null, timedOut: false, stdout, stderr, duration: 0 }
  },
  find: async (program) => program,
}

/** A checkout with three files, all committed. */
async function checkout(): Promise<{ folder: string } & AsyncDisposable> {
  const made = await tree({ 'app/a': 'a', 'app/b': 'b', other: 'x' })
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.com']
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...identity, 'commit', '-qm', 'first'],
  ])
    execFileSync('git', args, { cwd: made.folder })
  return made
}

describe('files that are not as the commit has them', () => {
  it.each<[string, Tree, number]>([
    ['none', {}, 0],
    ['a changed one', { 'app/a': 'changed' }, 1],
    ['a new one with a line break in its name, and a folder of two', { 'app/new\nline': '', 'app/more/1': '', 'app/more/2': '' }, 2],
    ['one beside the folder', { other: 'changed' }, 0],
  ])('%s', async (_, change, count) => {
    await using made = await checkout()
    await fill(made.folder, change)
    expect(await changedFiles(`${made.folder}/app`, { process, cwd: made.folder })).toBe(count)
  })

  it('one that is gone', async () => {
    await using made = await checkout()
    await rm(`${made.folder}/app/b`)
    expect(await changedFiles(`${made.folder}/app`, { process, cwd: made.folder })).toBe(1)
  })

  it('start nothing that the settings of the repository name', async () => {
    await using made = await checkout()
    execFileSync('git', ['config', 'core.fsmonitor', `touch ${made.folder}/started; true`], { cwd: made.folder })
    await changedFiles(made.folder, { process, cwd: made.folder })
    expect(await changedFiles(made.folder, { process, cwd: made.folder })).toBe(0)
  })

  it('are not known where there is no checkout, or no git', async () => {
    await using made = await tree({ a: '' })
    expect(await changedFiles(made.folder, { process, cwd: made.folder })).toBeUndefined()
    const none: Processes = { ...fakePorts().ports.process, run: () => Promise.reject(processNotFound('git is not on PATH')) }
    expect(await changedFiles(made.folder, { process: none, cwd: made.folder })).toBeUndefined()
  })
})
