import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../real/folder.ts'
import { slipway } from './bundles.ts'

const kept = (home: string): readonly string[] => globSync('.cache/slipway/compiled/*/*/*', { cwd: home }).map((path) => join(home, path))

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

test('a command keeps nothing of what failed, nor for each mistyped name, and of all help together', async () => {
  using cwd = temporaryFolder('start')
  using home = temporaryFolder('start-home')
  const environment = { HOME: home.path, CI: undefined, XDG_CACHE_HOME: undefined, KUBERNETES_SERVICE_HOST: undefined }
  expect(await slipway(['biuld'], { cwd: cwd.path, environment })).toMatchObject({ code: 2 })
  expect(kept(home.path)).toEqual([])
  for (const argv of [['sign', '--help'], ['--help']]) await slipway(argv, { cwd: cwd.path, environment })
  const folders = [...new Set(kept(home.path).map(dirname))]
  expect(folders).toEqual([expect.stringMatching(/\/\.cache\/slipway\/compiled\/[0-9a-f]{16}\/help$/)])
})

test('a command loads of Node what it uses', async () => {
  using cwd = temporaryFolder('start')
  using home = temporaryFolder('start-home')
  const list = `process.once('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))`
  const { code, stderr } = await slipway(['--version'], {
    cwd: cwd.path,
    environment: { HOME: home.path, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(list)}` },
  })
  const unused = ['child_process', 'worker_threads', 'fs/promises', 'http', 'zlib'].map((name) => `NativeModule ${name}`)
  expect(code).toBe(0)
  expect(stderr.split('\n')).toContain('NativeModule crypto')
  expect(stderr.split('\n').filter((line) => unused.includes(line))).toEqual([])
})

test('a command whose home is what it works on leaves nothing there', async () => {
  using home = temporaryFolder('start-here')
  await slipway(['--help'], { cwd: home.path })
  expect(globSync('{*,.*}', { cwd: home.path })).toEqual([])
})

test('a Node that is too old is told to be too old', async () => {
  using cwd = temporaryFolder('start')
  using home = temporaryFolder('start-home')
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } }); process.getBuiltinModule = undefined`
  const { code, stderr } = await slipway(['--help'], {
    cwd: cwd.path,
    environment: {
      HOME: home.path,
      CI: undefined,
      XDG_CACHE_HOME: undefined,
      KUBERNETES_SERVICE_HOST: undefined,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(older)}`,
    },
  })
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('This is Node 18.20.8, expected 24 or newer.') })
})
