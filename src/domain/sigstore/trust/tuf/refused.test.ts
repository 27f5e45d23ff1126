import { describe, expect, test } from '@jest/globals'
import { type TufRepositoryFake, tufKey } from '../../../../../test/fakes/tuf-repository.ts'
import { tufExpired, tufRefused } from './errors.ts'
import { scene, week } from './scene.fake.ts'

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
    const { root } = repository
    for (const at of [root.indexOf('"sig":"'), root.lastIndexOf('"sig":"')].map((start) => start + '"sig":"'.length))
      root.write(root.toString('latin1', at, at + 2) === '00' ? 'ff' : '00', at)
    await expect(get()).rejects.toMatchObject({ code: tufRefused.code })
  })

  test('of what has expired: the same state may be shown for ever else', async () => {
    const { get, clock } = await scene()
    await get()
    clock.advance(week)
    await expect(get()).rejects.toMatchObject({ code: tufExpired.code, message: expect.stringContaining('root.json expired') })
  })
})
