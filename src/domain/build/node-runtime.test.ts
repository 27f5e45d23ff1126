import { posix } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import type { LayerEntry } from './entries.ts'
import { machine } from './fixtures/building.ts'
import { elfOf } from './libraries.ts'
import { type NodeRuntime, runtimeLabels, runtimeLayers } from './node-runtime.ts'

const node: NodeRuntime = { program: process.execPath, version: process.version, platform: machine, isSplit: false }

describe('a base made of the running Node', () => {
  it('has what a program needs: users, a /tmp, name resolution, node', async () => {
    const entries = new Map(
      (await runtimeLayers(node, machine)).flatMap((layer) => layer.entries.map((entry): [string, LayerEntry] => [entry.path, entry])),
    )
    expect(entries.get('tmp')).toMatchObject({ kind: 'directory', mode: 0o1777 })
    expect(entries.get('home/nonroot')).toMatchObject({ kind: 'directory', mode: 0o700, uid: 65_532, gid: 65_532 })
    expect(entries.get('usr/local/bin/node')).toMatchObject({ kind: 'file', mode: 0o755, content: { from: process.execPath } })
    const text = (path: string): string => {
      const entry = entries.get(path)
      return entry?.kind === 'file' && entry.content instanceof Uint8Array ? Buffer.from(entry.content).toString() : ''
    }
    expect(
      text('etc/passwd')
        .split('\n')
        .map((line) => line.split(':')[2]),
    ).toEqual(['0', '65534', '65532', undefined])
    expect(text('etc/nsswitch.conf')).toContain('hosts: files dns')
  })

  it('has every library that anything in it asks for, under the name asked for', async () => {
    const files = (await runtimeLayers(node, machine)).flatMap(({ entries }) => entries).filter((entry) => entry.kind === 'file')
    const names = new Set(files.map(({ path }) => posix.basename(path)))
    const asked: string[] = []
    for (const { content } of files) {
      const elf = content instanceof Uint8Array || !('from' in content) ? undefined : await elfOf(content.from)
      asked.push(...(elf?.needed ?? []))
      if (elf?.interpreter !== undefined) expect(files.map(({ path }) => `/${path}`)).toContain(elf.interpreter)
    }
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.filter((name) => !names.has(name))).toEqual([])
  })

  it('says in its labels what it is', () => {
    expect(runtimeLabels(node)).toEqual({
      'dev.slipway.base': 'node-runtime',
      'dev.slipway.base.node': process.version,
      'dev.slipway.base.note': expect.stringContaining('copied from the linux/'),
    })
  })

  test.each<[string, Partial<NodeRuntime>, string]>([
    ['on macOS', { platform: { os: 'darwin', architecture: 'arm64' } }, 'SW-BUILD-BASE-MISSING'],
    ['of a Node that loads parts of itself from elsewhere', { isSplit: true }, 'SW-BUILD-BASE-MISSING'],
    ['of a Node that is gone', { program: '/gone/node' }, 'SW-FILE-MISSING'],
    ['for another platform', { platform: { os: 'linux', architecture: 'mips' } }, 'SW-BUILD-BASE-PLATFORM'],
  ])('cannot be made %s', async (_, given, code) => {
    await expect(runtimeLayers({ ...node, ...given }, machine)).rejects.toMatchObject({ code })
  })
})
