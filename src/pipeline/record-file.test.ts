import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { emptyRecord, type ReleaseRecord } from '../spec/record/record.ts'
import { ensureState, readRecord, updateRecord, writeRecord } from './record-file.ts'
import { workspaceWith } from './road.fake.ts'

const state = async (record: ReleaseRecord = emptyRecord): Promise<string> => {
  const folder = join(workspaceWith(), '.slipway')
  await writeRecord(folder, record)
  return folder
}
const pushed = (image: string, ...tags: string[]) => ({ image, digest: sha256('app'), tags })

describe('what a task changed', () => {
  const before: ReleaseRecord = { ...emptyRecord, pushes: [pushed('a', '1')], own: { test: { runs: 1 } } }

  it('is all of the record where nobody else has written', async () => {
    const after = { ...before, pushes: [pushed('a', '2')] }
    const folder = await state(before)
    expect([await updateRecord(folder, { before, after }), await readRecord(folder)]).toEqual([after, after])
  })

  it('joins what another has written since, also to the same list', async () => {
    const folder = await state({ ...before, pushes: [pushed('a', '1', 'other'), pushed('b')], own: { ...before.own, scan: { level: 2 } } })
    const after: ReleaseRecord = { ...before, pushes: [pushed('a', '1'), pushed('c')], own: { test: { runs: 2 } } }
    expect(await updateRecord(folder, { before, after })).toEqual({
      ...emptyRecord,
      pushes: [pushed('a', '1', 'other'), pushed('b'), pushed('c')],
      own: { test: { runs: 2 }, scan: { level: 2 } },
    })
  })

  it('waits for no lock of one that was killed', async () => {
    const folder = await state()
    writeFileSync(join(folder, 'record.lock'), 'of a process that is gone')
    await updateRecord(folder, { before: emptyRecord, after: before })
    expect([await readRecord(folder), readdirSync(folder).filter((name) => name.includes('lock'))]).toEqual([before, []])
  }, 30_000)
})

/** Reads, and adds an entry of its own, as a task does that runs beside others on the same volume. */
const program = `
  const { readRecord, updateRecord } = await import(process.argv[1])
  const [state, name] = process.argv.slice(2)
  for (let round = 0; round < 20; round += 1) {
    const before = await readRecord(state)
    const pushes = [...(before.pushes ?? []), { image: name + '/' + round, digest: 'sha256:' + '0'.repeat(64), tags: [] }]
    await updateRecord(state, { before, after: { ...before, pushes, own: { ...before.own, [name]: { round } } } })
  }`

it('loses nothing that four processes write at once, twenty times each', async () => {
  const folder = await state()
  await ensureState(folder)
  const writers = ['a', 'b', 'c', 'd']
  const module = pathToFileURL(join(import.meta.dirname, 'record-file.ts')).href
  const codes = await Promise.all(
    writers.map(async (name) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program, module, folder, name], { stdio: 'inherit' })
      const [code] = (await once(child, 'close')) as [number | null]
      return code
    }),
  )
  const { pushes = [], own } = await readRecord(folder)
  const expected = writers.flatMap((name) => Array.from({ length: 20 }, (_, round) => `${name}/${round}`))
  expect({ codes, images: pushes.map(({ image }) => image).toSorted(), own }).toEqual({
    codes: [0, 0, 0, 0],
    images: expected.toSorted(),
    own: Object.fromEntries(writers.map((name) => [name, { round: 19 }])),
  })
}, 60_000)

describe('a record that came with the repository', () => {
  const git = (folder: string, ...argv: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'safe.directory=*', ...argv], { encoding: 'utf8' })
  const repository = (format: readonly string[], version: string): string => {
    const folder = workspaceWith({ '.slipway/aaa': '', '.slipway/rec': '', '.slipway/zzz': '', 'app/.slipway/x': '' })
    git(folder, 'init', '--quiet', ...format)
    git(folder, 'config', 'index.version', version)
    return folder
  }
  const layouts = ['2', '3', '4'].flatMap(
    (version) =>
      [
        [version, []],
        [version, ['--object-format=sha256']],
      ] as const,
  )

  it.each(layouts)('is refused (index version %s, git init %j), and taken once git leaves it alone', async (version, format) => {
    const folder = repository(format, version)
    for (const project of [folder, join(folder, 'app')]) await writeRecord(join(project, '.slipway'), emptyRecord)
    // An entry that has only its name makes git write version 3.
    if (version === '3') git(folder, 'add', '--force', '--intent-to-add', '.slipway/aaa')
    git(folder, 'add', '--force', '.slipway/record.json', '.slipway/rec', 'app/.slipway')
    expect(readFileSync(join(folder, '.git', 'index')).readUInt32BE(4)).toBe(Number(version))
    for (const project of [folder, join(folder, 'app')])
      await expect(readRecord(join(project, '.slipway'))).rejects.toMatchObject({ code: 'SW-RECORD-TRACKED' })
    git(folder, 'rm', '-r', '--quiet', '--cached', 'app/.slipway/record.json')
    expect(await readRecord(join(folder, 'app', '.slipway'))).toEqual(emptyRecord)
    await expect(readRecord(join(folder, '.slipway'))).rejects.toMatchObject({ code: 'SW-RECORD-TRACKED' })
  })

  it('is read where there is no index, or one that is none', async () => {
    const folder = workspaceWith({ '.git/HEAD': '', '.slipway/record.json': '{"schemaVersion":"1.0"}' })
    expect(await readRecord(join(folder, '.slipway'))).toEqual(emptyRecord)
    writeFileSync(join(folder, '.git', 'index'), 'DIRC and nothing else')
    expect(await readRecord(join(folder, '.slipway'))).toEqual(emptyRecord)
  })
})
