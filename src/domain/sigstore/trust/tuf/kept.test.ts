import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { tufUnavailable } from './errors.ts'
import { scene, week } from './scene.fake.ts'

describe('what was kept', () => {
  test('is enough offline, also when it has expired, which is told', async () => {
    const { get, clock, asked, lines } = await scene()
    await get()
    const before = asked.length
    clock.advance(2 * week)
    expect(await get('trusted_root.json', { offline: true })).toBe('the root')
    expect(asked).toHaveLength(before)
    expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(4)
  })

  test('must be there offline', async () => {
    const { get, asked } = await scene()
    await expect(get('trusted_root.json', { offline: true })).rejects.toMatchObject({ code: tufUnavailable.code })
    expect(asked).toEqual([])
  })

  test('counts while the repository is down, as long as it is valid', async () => {
    const { get, clock, lines, cut } = await scene()
    await get()
    cut()
    expect(await get()).toBe('the root')
    expect(lines.join('\n')).toContain('warn the TUF repository cannot be read')
    clock.advance(week)
    await expect(get()).rejects.toMatchObject({ code: tufUnavailable.code })
  })

  test.each(['timestamp.json', 'snapshot.json', 'targets.json'])(
    'is fetched again when %s was cut by a crash or by somebody',
    async (name) => {
      const { get, kept } = await scene()
      await get()
      const path = join(kept(), name)
      const whole = readFileSync(path)
      writeFileSync(path, whole.subarray(0, 100))
      expect(await get()).toBe('the root')
      expect(readFileSync(path)).toEqual(whole)
    },
  )

  test('is fetched again when the target was changed', async () => {
    const { get, kept } = await scene()
    await get()
    const [target = ''] = readdirSync(kept()).filter((name) => name.startsWith('target-'))
    writeFileSync(join(kept(), target), 'EVIL ONE')
    expect(await get()).toBe('the root')
    expect(readFileSync(join(kept(), target), 'utf8')).toBe('the root')
  })

  test('is whole while eight processes’ worth of updates write it at once', async () => {
    const { get, kept } = await scene()
    expect(await Promise.all(Array.from({ length: 8 }, () => get()))).toEqual(Array.from({ length: 8 }, () => 'the root'))
    expect(readdirSync(kept()).filter((name) => name.endsWith('.tmp'))).toEqual([])
    expect(await get('trusted_root.json', { offline: true })).toBe('the root')
  })

  test('is nothing where the folder cannot be written, which is told once', async () => {
    const { get, lines, folder } = await scene()
    writeFileSync(join(folder, 'file'), '')
    expect(await get('trusted_root.json', { folder: join(folder, 'file', 'tuf') })).toBe('the root')
    expect(lines.filter((line) => line.includes('cannot be used'))).toHaveLength(1)
  })

  test('is of one root only: another at the same address begins anew', async () => {
    const { get } = await scene()
    await get()
    const { repository } = await scene()
    const other = get('trusted_root.json', { offline: true, root: repository.root })
    await expect(other).rejects.toMatchObject({ code: tufUnavailable.code })
  })
})
