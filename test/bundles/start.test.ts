import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../real/folder.ts'
import { slipway } from './bundles.ts'

const kept = (home: string): readonly string[] => globSync('.cache/slipway/compiled/*/*', { cwd: home }).map((path) => join(home, path))

test('a command keeps its compiled code in the cache of the user, and does without what is broken there', async () => {
  using cwd = temporaryFolder('start')
  using home = temporaryFolder('start-home')
  const environment = { HOME: home.path, CI: undefined, XDG_CACHE_HOME: undefined, KUBERNETES_SERVICE_HOST: undefined }
  const help = (): ReturnType<typeof slipway> => slipway(['--help'], { cwd: cwd.path, environment })
  const first = await help()
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(kept(home.path).length).toBeGreaterThan(0)
  expect(await help()).toEqual(first)
  for (const file of kept(home.path))
    writeFileSync(
      file,
      readFileSync(file).map((byte, at) => (at > 40 ? byte ^ 0x55 : byte)),
    )
  expect(await help()).toEqual(first)
  for (const file of kept(home.path)) writeFileSync(file, '')
  expect(await help()).toEqual(first)
})

test('a command whose home is what it works on leaves nothing there', async () => {
  using home = temporaryFolder('start-here')
  await slipway(['--help'], { cwd: home.path })
  expect(globSync('{*,.*}', { cwd: home.path })).toEqual([])
})
