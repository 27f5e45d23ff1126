import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { graphOf } from '../oci/graph.ts'
import { entriesOf, openLayout } from '../oci/layout.ts'
import { readBlob, readManifest } from '../oci/layout-blobs.ts'
import { fill, type Tree, tree } from './fixtures/tree.ts'

const script = fileURLToPath(new URL('./fixtures/build-once.ts', import.meta.url))
const settings = JSON.stringify({ entrypoint: ['/app/run'] })

interface How {
  readonly env?: Readonly<Record<string, string>>
  readonly umask?: number
  readonly uid?: number
  /** Compression as JSON, folder of the cache, file of its secret. */
  readonly cache?: readonly string[]
}

/** A build in a process of its own. */
function start(context: string, layout: string, { env = {}, umask, uid, cache = [] }: How = {}): ChildProcess {
  const argv = [
    '-e',
    `process.umask(${umask ?? 0o22}); process.argv.splice(1, 0, ${JSON.stringify(script)}); await import(${JSON.stringify(script)})`,
  ]
  const child = spawn(process.execPath, ['--input-type=module', ...argv, context, layout, settings, ...cache], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  return child
}

async function build(context: string, layout: string, how?: How): Promise<string> {
  const child = start(context, layout, how)
  let text = ''
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()))
  await once(child, 'close')
  return text
}

/** A few megabytes, so that blocks and pieces are crossed and a build takes long enough to be killed. */
const noise = Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 2_654_435_761).toString(36)).join(' ')
const files: Tree = {
  run: { text: '#!/bin/sh\n', mode: 0o755 },
  'a/1.txt': '1',
  'a/Z.txt': 'z',
  'a-b/2.txt': noise,
  'b/\u00e4.txt': noise.slice(1),
  'b/o.txt': 'o',
  'b/\u{1f600}.txt': '',
  'empty/': '',
  link: { link: 'a/1.txt' },
}

describe('two checkouts of the same files', () => {
  it.each(['gzip', 'zstd'])(
    '%s: give the same digest with any number of workers, with an empty cache, a full one, one from elsewhere and none',
    async (algorithm) => {
      await using context = await tree(files)
      await using layouts = await tree({})
      const path = (name: string): string => join(layouts.folder, name)
      const how = (workers: number): How => ({ env: { UV_THREADPOOL_SIZE: `${workers}` } })
      const digests: string[] = []
      for (const [workers, ...cache] of [
        [1],
        [8],
        [2, path('cache'), path('secret')],
        [1, path('cache'), path('secret')],
        [8, path('cache')],
      ] as const)
        digests.push(
          await build(context.folder, path(`layout-${digests.length}`), {
            ...how(workers),
            cache: [JSON.stringify({ algorithm }), ...cache],
          }),
        )
      expect(digests[0]).toMatch(/^sha256:/)
      expect(new Set(digests).size).toBe(1)
    },
  )

  it('give the same digest, with other times, orders, modes, locale, time zone and number of threads', async () => {
    await using first = await tree(files)
    await using second = await tree({})
    await fill(second.folder, Object.fromEntries(Object.entries(files).toReversed()))
    for (const name of await readdir(second.folder)) if (name !== 'link') await utimes(join(second.folder, name), 1, 2_000_000_000)
    await chmod(join(second.folder, 'run'), 0o700)
    await chmod(join(second.folder, 'a/1.txt'), 0o600)
    await chmod(join(second.folder, 'b'), 0o777)
    await using layouts = await tree({})
    const one = await build(first.folder, join(layouts.folder, '1'), { env: { LC_ALL: 'C', TZ: 'UTC', UV_THREADPOOL_SIZE: '1' } })
    const two = await build(second.folder, join(layouts.folder, '2'), {
      env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'sv_SE.UTF-8', TZ: 'Pacific/Apia', UV_THREADPOOL_SIZE: '8', HOME: '/nowhere' },
      umask: 0o77,
    })
    expect(one).toMatch(/^sha256:/)
    expect(two).toBe(one)
  })

  it('do not, when one file has another byte or may be executed', async () => {
    await using context = await tree(files)
    await using layouts = await tree({})
    const digests = [await build(context.folder, join(layouts.folder, '1'))]
    await chmod(join(context.folder, 'a/1.txt'), 0o755)
    digests.push(await build(context.folder, join(layouts.folder, '2')))
    await fill(context.folder, { 'a/Z.txt': 'Z' })
    digests.push(await build(context.folder, join(layouts.folder, '3')))
    expect(new Set(digests).size).toBe(3)
  })
})

describe('a build that is killed', () => {
  it('at any moment leaves a layout that the next one completes to the same digest', async () => {
    await using context = await tree(files)
    await using layouts = await tree({})
    const expected = await build(context.folder, join(layouts.folder, 'whole'))
    const layout = join(layouts.folder, 'killed')
    let killed = 0
    for (const milliseconds of [60, 120, 180, 240, 300, 400]) {
      const child = start(context.folder, layout)
      await Promise.race([delay(milliseconds), once(child, 'close')])
      if (child.exitCode === null && child.kill('SIGKILL')) killed += 1
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    }
    expect(killed).toBeGreaterThan(0)
    expect(await build(context.folder, layout)).toBe(expected)
    const opened = await openLayout(layout)
    const [entry, ...more] = await entriesOf(opened)
    if (entry === undefined) throw new Error('the layout has no entry')
    expect([entry.digest, more]).toEqual([expected, []])
    const { blobs } = await graphOf(entry, (descriptor) => readManifest(opened, descriptor))
    for (const blob of blobs) expect(await readBlob(opened, blob, 64 * 2 ** 20)).toHaveLength(blob.size)
  })
})

describe('a file that may not be read', () => {
  it('is named, with what to do', async () => {
    await using context = await tree({ run: '', 'secret.txt': { text: 'x', mode: 0 } })
    await using layouts = await tree({})
    await mkdir(join(layouts.folder, 'open'))
    for (const folder of [context.folder, layouts.folder, join(layouts.folder, 'open')]) await chmod(folder, 0o777)
    // Root may read everything: such a test runs as somebody else.
    const text = await build(context.folder, join(layouts.folder, 'open/layout'), process.getuid?.() === 0 ? { uid: 65_534 } : {})
    expect(text).toMatch(/^SW-FILE-UNREADABLE: .*secret\.txt/)
  })
})
