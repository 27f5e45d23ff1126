import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../../../test/fakes/clock.ts'
import { type FakeCloud, startFakeCloud } from '../../../../../test/fakes/cloud.ts'
import { fakePorts } from '../../../../../test/fakes/ports.ts'
import { type TufRepositoryFake, tufKey, tufRepository } from '../../../../../test/fakes/tuf-repository.ts'
import { temporaryFolder } from '../../../../io/fixtures/folder.ts'
import { fetchTargets } from './client.ts'
import { tufExpired, tufRefused, tufUnavailable } from './errors.ts'

const origin = 'https://tuf.example.com'
const week = 7 * 24 * 3600 * 1000
const folders = temporaryFolder()
const open: FakeCloud[] = []

interface Scene {
  readonly repository: TufRepositoryFake
  readonly clock: ReturnType<typeof fakeClock>
  readonly asked: readonly string[]
  readonly lines: readonly string[]
  /** The folder of what is kept. */
  readonly kept: () => string
  /** Makes every request fail. */
  readonly cut: () => void
  /** Where the caches of repositories are. */
  readonly folder: string
  get(path?: string, options?: { offline?: boolean; root?: Buffer; folder?: string }): Promise<string | undefined>
}

async function scene(change: Parameters<TufRepositoryFake['publish']>[0] = {}): Promise<Scene> {
  const clock = fakeClock()
  const expires = clock.now() + week
  const repository = tufRepository(origin, { targets: { 'trusted_root.json': 'the root' }, expires, ...change })
  let isCut = false
  const cloud = await startFakeCloud([(request) => (isCut ? { status: 503, body: 'down' } : repository.service(request))], { clock })
  open.push(cloud)
  const { ports, recorded } = fakePorts({ clock })
  const folder = mkdtempSync(join(folders, 'tuf-'))
  return {
    ...{ repository, clock, folder, asked: cloud.asked, lines: recorded.lines },
    kept: () => join(folder, readdirSync(folder)[0] ?? ''),
    cut: () => {
      isCut = true
    },
    get: async (path = 'trusted_root.json', { offline = false, root = repository.root, folder: at = folder } = {}) => {
      const from = { http: cloud.http, clock, log: ports.log, folder: at, offline }
      return (await fetchTargets({ url: origin, root }, [path], from)).get(path)?.toString()
    },
  }
}

afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud[Symbol.asyncDispose]()
})

const pathsOf = (asked: readonly string[]): readonly string[] =>
  asked.map((line) => line.replace(`GET ${origin}/`, '').replace(/[0-9a-f]{64}/, 'DIGEST'))

describe('a TUF repository', () => {
  test('is read from the root down, and the second time only as far as it changed', async () => {
    const { get, asked } = await scene()
    expect(await get()).toBe('the root')
    expect(pathsOf(asked.slice())).toEqual([
      ...['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json', 'targets/DIGEST.trusted_root.json'],
    ])
    expect(await get()).toBe('the root')
    expect(pathsOf(asked.slice(5))).toEqual(['2.root.json', 'timestamp.json'])
  })

  test('may change what it holds', async () => {
    const { get, repository } = await scene()
    await get()
    repository.publish({ targets: { 'trusted_root.json': 'another root' } })
    expect(await get()).toBe('another root')
  })

  test('may keep its files under plain names', async () => {
    const { get, asked } = await scene({ consistent: false })
    expect(await get()).toBe('the root')
    expect(pathsOf(asked)).toEqual(['2.root.json', 'timestamp.json', 'snapshot.json', 'targets.json', 'targets/trusted_root.json'])
  })

  test('need not have a target', async () => {
    const { get } = await scene()
    expect(await get('signing_config_rekor_v2.v0.2.json')).toBeUndefined()
  })

  test('rotates its root through several versions, which are kept', async () => {
    const { get, repository, cut } = await scene()
    for (let version = 2; version <= 4; version += 1) {
      repository.keys.root = [repository.keys.root[1] ?? tufKey(), repository.keys.root[2] ?? tufKey(), tufKey()]
      repository.keys.timestamp = [tufKey()]
      repository.rotate()
    }
    repository.publish()
    expect(await get()).toBe('the root')
    cut()
    expect(await get('trusted_root.json', { offline: true })).toBe('the root')
  })

  test('recovers from a timestamp of a number too high, once its key is replaced', async () => {
    const { get, repository } = await scene()
    const [stolen] = repository.keys.timestamp
    if (stolen === undefined) throw new Error('no key')
    await get()
    const { signed } = JSON.parse(repository.files.get('timestamp.json') ?? '')
    repository.files.set('timestamp.json', repository.seal({ ...signed, version: 1_000_000 }, [stolen]))
    await get()
    repository.keys.timestamp = [tufKey()]
    repository.rotate()
    repository.publish()
    expect(await get()).toBe('the root')
    expect(await get()).toBe('the root')
  })
})

/** Changes a file in place: it is no longer what was signed. */
const edit = (repository: TufRepositoryFake, path: string, change: (text: string) => string): void =>
  void repository.files.set(path, change(repository.files.get(path) ?? ''))

/** Signs a file anew, with what is changed in it. */
const reseal = (
  { files, keys, seal }: TufRepositoryFake,
  path: string,
  { role, change }: { readonly role: 'root' | 'timestamp' | 'snapshot' | 'targets'; readonly change: (signed: object) => object },
): void => void files.set(path, seal({ ...change(JSON.parse(files.get(path) ?? '').signed) }, keys[role]))

describe('nothing is taken', () => {
  test.each<[what: string, why: string, sabotage: (repository: TufRepositoryFake) => void]>([
    [
      'of an older timestamp',
      'timestamp.json has the version 1, and 2 was seen before',
      (r) => reseal(r, 'timestamp.json', { role: 'timestamp', change: (signed) => ({ ...signed, version: 1 }) }),
    ],
    [
      'of an older snapshot',
      'snapshot.json has the version 1, and 2 was seen before',
      (r) =>
        reseal(r, 'timestamp.json', {
          role: 'timestamp',
          change: (signed) => ({ ...signed, version: 9, meta: { 'snapshot.json': { version: 1 } } }),
        }),
    ],
    [
      'of older targets',
      'targets.json has the version 1, and 2 was seen before',
      (r) => {
        const old = { version: 1 }
        reseal(r, '2.snapshot.json', {
          role: 'snapshot',
          change: (signed) => ({ ...signed, version: 3, meta: { 'targets.json': old } }),
        })
        r.files.set('3.snapshot.json', r.files.get('2.snapshot.json') ?? '')
        reseal(r, 'timestamp.json', {
          role: 'timestamp',
          change: (signed) => ({ ...signed, version: 3, meta: { 'snapshot.json': { version: 3 } } }),
        })
      },
    ],
    [
      'that no longer names the targets',
      'no longer names targets.json',
      (r) => {
        reseal(r, '2.snapshot.json', { role: 'snapshot', change: (signed) => ({ ...signed, version: 3, meta: {} }) })
        r.files.set('3.snapshot.json', r.files.get('2.snapshot.json') ?? '')
        reseal(r, 'timestamp.json', {
          role: 'timestamp',
          change: (signed) => ({ ...signed, version: 3, meta: { 'snapshot.json': { version: 3 } } }),
        })
      },
    ],
    [
      'of two states mixed',
      'snapshot.json is not the file that was announced',
      (r) => {
        r.publish()
        r.files.set('3.snapshot.json', r.files.get('2.snapshot.json') ?? '')
      },
    ],
    [
      'of targets of another state',
      'targets.json is not the file that was announced',
      (r) => {
        r.publish({ targets: { 'trusted_root.json': 'third' } })
        r.files.set('3.targets.json', r.files.get('2.targets.json') ?? '')
      },
    ],
    [
      'signed by another key',
      'timestamp was signed by 0/1 keys',
      (r) => {
        r.keys.timestamp = [tufKey()]
        r.publish()
      },
    ],
    [
      'of a root that one key of two signed',
      'root was signed by 1/2 keys',
      (r) => {
        const [one] = r.keys.root
        r.rotate(one === undefined ? [] : [one])
      },
    ],
    [
      'of a root that its own keys did not sign',
      'root was signed by 0/2 keys',
      (r) => {
        const before = r.keys.root
        r.keys.root = [tufKey(), tufKey(), tufKey()]
        r.rotate(before)
      },
    ],
    [
      'of a root that the one before did not sign',
      'root was signed by 0/2 keys',
      (r) => {
        r.keys.root = [tufKey(), tufKey(), tufKey()]
        r.rotate(r.keys.root)
      },
    ],
    [
      'of a root of another version than its name says',
      'root.json has the version 3, expected 2',
      (r) => {
        r.rotate()
        r.rotate()
        r.files.set('2.root.json', r.files.get('3.root.json') ?? '')
      },
    ],
    [
      'of two signatures by one key',
      'multiple signatures found for keyid',
      (r) => {
        const [one] = r.keys.root
        r.rotate(one === undefined ? [] : [one, one])
      },
    ],
    ['of a timestamp too large', 'more than the 16384 bytes', (r) => edit(r, 'timestamp.json', (text) => text + ' '.repeat(20_000))],
    [
      'of a timestamp whose bytes were changed',
      'timestamp was signed by 0/1 keys',
      (r) => edit(r, 'timestamp.json', (text) => text.replace('"1.0.31"', '"1.0.32"')),
    ],
    [
      'of JSON that names a key twice',
      'duplicate-keys signed',
      (r) => edit(r, 'timestamp.json', (text) => text.replace('{', '{"signed":{},')),
    ],
    ['of what is no metadata', 'it is no JSON object', (r) => edit(r, 'timestamp.json', () => '[]')],
    [
      'of another role’s metadata',
      "expected 'timestamp', got snapshot",
      (r) => edit(r, 'timestamp.json', () => r.files.get('2.snapshot.json') ?? ''),
    ],
    [
      'of a snapshot that is gone',
      'has no 3.snapshot.json',
      (r) => {
        r.publish()
        r.files.delete('3.snapshot.json')
      },
    ],
    [
      'of a target whose bytes were changed',
      'the target trusted_root.json is not the file that was announced',
      (r) => {
        r.publish({ targets: { 'trusted_root.json': 'third' } })
        for (const path of r.files.keys()) if (path.startsWith('targets/')) r.files.set(path, 'evil!')
      },
    ],
    [
      'of a target that is longer than announced',
      'more than the 5 bytes',
      (r) => {
        r.publish({ targets: { 'trusted_root.json': 'third' } })
        for (const path of r.files.keys()) if (path.startsWith('targets/')) r.files.set(path, `third${' '.repeat(100)}`)
      },
    ],
    [
      'of a version that is no number',
      'has the version 2.5',
      (r) => reseal(r, 'timestamp.json', { role: 'timestamp', change: (signed) => ({ ...signed, version: 2.5 }) }),
    ],
  ])('%s', async (_, why, sabotage) => {
    const { get, repository } = await scene()
    repository.publish({ targets: { 'trusted_root.json': 'second' } })
    expect(await get()).toBe('second')
    sabotage(repository)
    await expect(get()).rejects.toMatchObject({ code: tufRefused.code, message: expect.stringContaining(why) })
  })

  test('of a root that is another one than was given', async () => {
    const { get, repository } = await scene()
    repository.root.write('"sig":"00', repository.root.indexOf('"sig":"'))
    repository.root.write('"sig":"00', repository.root.lastIndexOf('"sig":"'))
    await expect(get()).rejects.toMatchObject({ code: tufRefused.code })
  })

  test('of what has expired: the same state may be shown for ever else', async () => {
    const { get, clock } = await scene()
    await get()
    clock.advance(week)
    await expect(get()).rejects.toMatchObject({ code: tufExpired.code, message: expect.stringContaining('root.json expired') })
  })
})

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

describe('a delegated target', () => {
  const leaf = { name: 'leaf', paths: ['a/*/x'], terminating: false, targets: { 'a/b/x': 'of leaf' } }
  test.each([
    ['is found where it is delegated to', [leaf], 'of leaf'],
    [
      'is found below a role that delegates on',
      [{ name: 'middle', paths: ['a/*/*'], terminating: false, targets: {}, delegations: [leaf] }],
      'of leaf',
    ],
    [
      'is the one of the role that comes first',
      [{ name: 'first', paths: ['a/*/*'], terminating: false, targets: { 'a/b/x': 'of first' } }, leaf],
      'of first',
    ],
    [
      'is not looked for behind a role that ends the search',
      [{ name: 'end', paths: ['a/*/*'], terminating: true, targets: {} }, leaf],
      undefined,
    ],
    ['is not taken from a role that may not have it', [{ ...leaf, paths: ['b/*'] }], undefined],
  ])('%s', async (_, delegations, expected) => {
    const { get } = await scene({ delegations })
    expect(await get('a/b/x')).toBe(expected)
  })

  test('is kept under names that stay in the folder', async () => {
    const { get, kept } = await scene({ delegations: [{ ...leaf, name: '../../leaf' }] })
    expect(await get('a/b/x')).toBe('of leaf')
    expect(readdirSync(kept())).toContain('..%2F..%2Fleaf.json')
  })
})
