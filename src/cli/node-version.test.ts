import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { nodeFault } from './node-version.ts'

it.each([
  ['18.20.8', 'This is Node 18.20.8, expected 24 or newer.'],
  ['23.11.1', 'This is Node 23.11.1, expected 24 or newer.'],
  ['24.0.0', undefined],
  ['100.1.0', undefined],
])('says of Node %s: %s', (version, message) => {
  const fault = nodeFault(version)
  expect([fault?.message, fault?.exit]).toEqual([message, message === undefined ? undefined : 4])
})

it('lets the Node pass that runs this', () => expect(nodeFault(process.versions.node)).toBeUndefined())

/** What a Node before 24 is to the command: its version, and no cache of compiled code (Node 22.1). */
const old = `
import module, { syncBuiltinESMExports } from 'node:module'
Object.defineProperty(process.versions, 'node', { value: '20.20.2' })
delete module.enableCompileCache
syncBuiltinESMExports()
`

it.each([['--version'], ['sign --key cosign.key']])('is told before anything that an old Node lacks is called: slipway %s', (line) => {
  const home = mkdtempSync(join(tmpdir(), 'slipway-old-node-'))
  mkdirSync(join(home, '.cache'))
  const preload = `data:text/javascript,${encodeURIComponent(old)}`
  const command = join(import.meta.dirname, 'fixtures/slipway.ts')
  const env = { PATH: process.env['PATH'], HOME: home, SLIPWAY_HOST: 'local', COSIGN_PASSWORD: '' }
  const ended = spawnSync(process.execPath, ['--import', preload, command, ...line.split(' ')], { env, encoding: 'utf8' })
  rmSync(home, { recursive: true })
  expect([ended.status, ended.stdout]).toEqual([4, ''])
  expect(ended.stderr).toContain('This is Node 20.20.2, expected 24 or newer.')
})
