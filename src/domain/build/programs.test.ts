import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { chooseBase } from './base.ts'
import type { LayerEntry } from './entries.ts'
import { machine } from './fixtures/building.ts'
import { tree } from './fixtures/tree.ts'
import { elfOf } from './libraries.ts'
import { type NodeRuntime, runtimeLabels, runtimeLayers } from './node-runtime.ts'
import { programEntries } from './programs.ts'

const node: NodeRuntime = { program: process.execPath, version: process.version, platform: machine, isSplit: false }
const remote = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-remote-https')
const byPath = (entries: readonly LayerEntry[]): Map<string, LayerEntry> => new Map(entries.map((entry) => [entry.path, entry]))

describe('programs in a base', () => {
  it('lie where they lie on the machine, links as links, with every library that they ask for', async () => {
    const entries = byPath(await programEntries(['/usr/bin/git', remote], machine))
    expect(entries.get('usr/bin/git')).toMatchObject({ kind: 'file', mode: 0o755, content: { from: '/usr/bin/git' } })
    const names = new Set([...entries.keys()].map((path) => path.split('/').at(-1)))
    for (const entry of entries.values()) {
      if (entry.kind !== 'file' || entry.content instanceof Uint8Array || !('from' in entry.content)) continue
      const elf = await elfOf(entry.content.from)
      // The loader is at its own place, not among the libraries.
      const missing = (elf?.needed ?? []).filter((name) => !names.has(name))
      expect(missing).toEqual([])
    }
    expect([...names]).toEqual(expect.arrayContaining([expect.stringMatching(/^libcurl/)]))
  })

  it('keep the links on their way', async () => {
    await using folder = await tree({ 'bin/real': { text: '', mode: 0o755 } })
    execFileSync('cp', ['/usr/bin/git', join(folder.folder, 'bin/real')])
    execFileSync('ln', ['-s', 'real', join(folder.folder, 'bin/link')])
    const entries = byPath(await programEntries([join(folder.folder, 'bin/link')], machine))
    expect(entries.get(`${folder.folder.slice(1)}/bin/link`)).toEqual({
      kind: 'symlink',
      path: `${folder.folder.slice(1)}/bin/link`,
      target: 'real',
    })
    expect(entries.get(`${folder.folder.slice(1)}/bin/real`)).toMatchObject({ kind: 'file' })
  })

  it('have a layer of their own, without what the system layer has', async () => {
    const [system, programs, last] = await runtimeLayers(node, machine, ['/usr/bin/git'])
    expect([system, programs, last].map((layer) => layer?.name)).toEqual([
      'node-runtime: system',
      'node-runtime: programs',
      `node-runtime: node ${process.version}`,
    ])
    const files = ({ entries = [] as readonly LayerEntry[] } = {}): string[] =>
      entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path)
    expect(files(programs).filter((path) => files(system).includes(path))).toEqual([])
    expect(await runtimeLayers(node, machine)).toEqual([system, last])
    expect(runtimeLabels(node, ['/usr/bin/git'])['dev.slipway.base.programs']).toBe('/usr/bin/git')
  })

  test.each([
    ['/nowhere/git', 'is no file on this machine'],
    ['/usr/bin', 'is no file on this machine'],
  ])('%s is refused', async (program, why) => {
    await expect(programEntries([program], machine)).rejects.toMatchObject({
      code: 'SW-BUILD-PROGRAM',
      message: expect.stringContaining(why),
    })
  })

  it('that are scripts, links to nothing, or for another processor are refused', async () => {
    await using folder = await tree({ script: { text: '#!/bin/sh\n', mode: 0o755 } })
    execFileSync('ln', ['-s', 'nowhere', join(folder.folder, 'link')])
    const other = { os: 'linux', architecture: 'mips' }
    for (const [program, platform] of [
      [join(folder.folder, 'script'), machine],
      [join(folder.folder, 'link'), machine],
      ['/usr/bin/git', other],
    ] as const)
      await expect(programEntries([program], platform)).rejects.toMatchObject({ code: 'SW-BUILD-PROGRAM' })
  })

  it('need node-runtime as the base', () => {
    expect(chooseBase(undefined, 'node', ['/bin/x'])).toEqual({ kind: 'node-runtime', programs: ['/bin/x'] })
    expect(() => chooseBase({ kind: 'scratch' }, 'folder', ['/bin/x'])).toThrow(expect.objectContaining({ code: 'SW-BUILD-PROGRAM' }))
  })
})
