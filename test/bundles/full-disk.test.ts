import { spawnSync } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { startFakeRegistry } from '../fakes/registry.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { noise, workspaceWith } from './workspaces.ts'

const files = { 'app/run': noise(12_000) }
const inputs = { context: 'app', base: 'scratch', plan: 'folder', entrypoint: '/app/run' }

describe('a file of the CI system on a full disk', () => {
  test.each(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])('%s fails the step with an annotation; the image is there', async (file) => {
    const workspace = workspaceWith(files)
    const { exitCode, annotations } = await onGithub('build', { workspace, inputs, environment: { [file]: '/dev/full' } })
    expect([exitCode, annotations[0]?.properties.get('title')]).toEqual([4, 'SW-HOST-UNWRITABLE'])
    expect(annotations[0]?.message).toContain(`/dev/full (${file}): ENOSPC`)
    expect(existsSync(join(workspace, '.slipway/record.json'))).toBe(true)
  })

  it('GITHUB_STATE fails it before anything is done', async () => {
    const workspace = workspaceWith(files)
    const { exitCode, raw } = await onGithub('build', { workspace, inputs, environment: { GITHUB_STATE: '/dev/full' } })
    expect([exitCode, raw.stdout, existsSync(join(workspace, '.slipway'))]).toEqual([4, '', false])
    expect(raw.stderr).toContain('SW-HOST-UNWRITABLE')
  })

  it('a result of Tekton fails it; the others are there', async () => {
    const { exitCode, log, results } = await onTekton('build', {
      params: { ...inputs, entrypoint: ['/app/run'] },
      workspaces: { source: workspaceWith(files) },
      environment: { RESULT_LAYOUT: '/dev/full' },
    })
    expect([exitCode, log.includes('SW-HOST-UNWRITABLE'), log.includes('/dev/full cannot be written: ENOSPC')]).toEqual([4, true, true])
    expect(Object.fromEntries(results ?? [])).toEqual({ digest: expect.stringMatching(/^sha256:/), image: 'oci:.slipway/layout:latest' })
  })
})

it('a log on a full disk does not stop the work half way, and is told at its end', async () => {
  const cwd = workspaceWith(files)
  const flags = Object.entries(inputs).map(([name, value]) => `--${name}=${value}`)
  const { code, stderr } = await slipway(['build', ...flags], { cwd, stdout: openSync('/dev/full', 'w') })
  expect([code, stderr]).toEqual([4, 'SW-HOST-UNWRITABLE: A part of the output was lost: ENOSPC.\n'])
  expect(existsSync(join(cwd, '.slipway/record.json'))).toBe(true)
})

/** Runs twice with `.slipway` on a disk of 1 MiB, which at first is full but for some. */
const twice = [
  'mount -t tmpfs -o size=1m tmpfs .slipway',
  'head -c "$((1048576 - $1))" /dev/zero > .slipway/others; shift',
  '"$@"; echo "$?"',
  'rm .slipway/others',
  '"$@"',
].join('\n')

/** What it takes to mount a disk here; nothing where that may not be done. */
const mounting = [
  ['unshare', '--mount', '--propagation', 'private'],
  ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private'],
].filter(([program = '', ...args]) => spawnSync(program, [...args, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0)

/** In bytes: enough for the lock, the journal, the record, the layout, a blob. */
const rooms = [4096, 8192, 12_288, 20_480, 28_672, 36_864]

describe('a workspace on a disk', () => {
  for (const room of mounting.length === 0 ? [] : rooms) {
    it(`with ${room} bytes left ends the road; nothing is pushed, and with more room it comes to its end`, async () => {
      await using registry = await startFakeRegistry()
      const push = { image: `${registry.address}/team/app`, tags: ['1.0.0'] }
      const road = { tasks: [{ test: { command: ['node', '-e', '0'], 'fail-on-no-tests': false } }, { build: inputs }, { push }] }
      const cwd = workspaceWith({ ...files, 'slipway.yaml': JSON.stringify(road), '.slipway/x': '' })
      const around = [...(mounting[0] ?? []), 'sh', '-c', twice, 'sh', String(room)]
      const written: string[] = []
      const watch = (_: unknown, stdout: string): void => {
        if (!/^\d+$/m.test(stdout)) written.push(...registry.log.filter((line) => !line.startsWith('GET ')))
      }
      const { code, stdout, stderr } = await slipway(['run', '--json'], { cwd, around, watch })
      const [first = '', second = ''] = stdout.split(/^4\n/m)
      expect([stderr, code, written]).toEqual(['', 0, []])
      expect(/"code":"([^"]*)".*?"message":"([^"]*)"/.exec(first)?.slice(1)).toEqual([
        'SW-DISK-FULL',
        expect.stringMatching(/^Writing .*\/\.slipway\/.* failed: no space left/),
      ])
      expect(second).toContain('"status":"passed","exit":0')
      expect(registry.log.at(-1)).toMatch(/manifests\/1\.0\.0 20[01]$/)
    })
  }
})
