import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { tufKey } from '../../../../../test/fakes/tuf-repository.ts'
import { origin, scene } from './scene.fake.ts'

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
