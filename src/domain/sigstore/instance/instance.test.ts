import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { startFakeCloud, unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { tufRepository } from '../../../../test/fakes/tuf-repository.ts'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import type { Http } from '../../../spec/ports.ts'
import { publicServices } from '../services/signing-config.ts'
import { readRoot } from '../trust/tuf/read-metadata.ts'
import { TrustedMetadata } from '../trust/tuf/trusted-metadata.ts'
import { parseTrustRoot } from '../verify/trust-root.ts'
import { servicesFor } from './choose-instance.ts'
import { githubServices, knownInstance, privateInstance } from './instance.ts'
import { readServices, readTrustedRoot } from './read-instance.ts'

const folders = temporaryFolder()
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const noNetwork: Http = { request: () => Promise.reject(new Error('a socket was opened')) }

describe('what is built in', () => {
  test.each([
    ['public', 16, '27aea7e372aa7864065174f0661784fcf8b0e28b1dbfebeada31a0f1fb19167f'],
    ['staging', 14, '353d172f05f9e73b4a647b1a464f16726d929cbfd030cc42bffb86cd742fb61f'],
    ['github', 3, '98cba97be9075bc98b2322de3de85fbd1b70ec7392991dfd2f53d215bede1a8d'],
  ] as const)('is the TUF root of %s, byte for byte, signed by its own keys', async (name, version, digest) => {
    const { repository } = await knownInstance(name)
    expect(sha256(repository.root)).toBe(digest)
    expect(readRoot(repository.root, name).signed.version).toBe(version)
    expect(() => new TrustedMetadata(repository.root, { where: name, now: 0, takeExpired: false })).not.toThrow()
  })

  test.each([
    ['public', '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66', [2, 1, 2, 2]],
    ['staging', '81f5af777952d2c3955062ad56924c05ca916b5d49f3a0bce945faa475a8b1cc', [1, 1, 4, 4]],
  ] as const)('is the trusted root of %s', async (name, digest, counts) => {
    const { builtIn } = await knownInstance(name)
    const bytes = builtIn?.trustedRoot ?? Buffer.alloc(0)
    expect(sha256(bytes)).toBe(digest)
    const { material } = parseTrustRoot(bytes, name)
    expect(Object.values(material).map((list) => Array.isArray(list) && list.length)).toEqual(counts)
  })

  test('is what an offline start takes, without a socket, and its day is told', async () => {
    const { ports, recorded } = fakePorts()
    const instance = await knownInstance('public')
    const from = { ...ports, http: noNetwork, environment: { HOME: mkdtempSync(join(folders, 'home-')) }, offline: true }
    expect(await readTrustedRoot(instance, from)).toEqual(instance.builtIn?.trustedRoot)
    expect(recorded.lines).toEqual([expect.stringMatching(/^warn the trusted root is the one that is built in.*"taken":"2026-11-05"/)])
  })

  test('is not taken where the network was to be asked', async () => {
    const clock = fakeClock()
    await using cloud = await startFakeCloud([() => ({ status: 503, body: 'down' })], { clock })
    const { ports } = fakePorts({ clock, http: cloud.http })
    const reading = readTrustedRoot(await knownInstance('public'), { ...ports, offline: false })
    await expect(reading).rejects.toMatchObject({ code: 'SW-TUF-UNAVAILABLE', hint: expect.stringContaining('offline') })
  })

  test('is nothing of GitHub’s: its trusted root has to be fetched once', async () => {
    const { ports } = fakePorts({ http: noNetwork })
    const reading = readTrustedRoot(await knownInstance('github'), { ...ports, offline: true })
    await expect(reading).rejects.toMatchObject({ code: 'SW-TUF-UNAVAILABLE' })
  })
})

const configOf = (version: 1 | 2): string =>
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [{ url: 'https://fulcio.example.com', majorApiVersion: 1 }],
    rekorTlogUrls: [{ url: 'https://rekor.example.com', majorApiVersion: version }],
    tsaUrls: [{ url: 'https://tsa.example.com', majorApiVersion: 1 }],
  })

describe('an instance of one’s own', () => {
  const url = 'https://tuf.example.com'
  async function own(targets: Readonly<Record<string, string>>) {
    const clock = fakeClock()
    const repository = tufRepository(url, { targets, expires: clock.now() + 1000 })
    const cloud = await startFakeCloud([repository.service], { clock })
    const environment = { XDG_CACHE_HOME: mkdtempSync(join(folders, 'cache-')) }
    const { ports } = fakePorts({ clock, http: cloud.http, environment })
    return { cloud, ports, instance: privateInstance({ url, root: repository.root }) }
  }

  test('is known by its TUF repository: trusted root, and both signing configs', async () => {
    const targets = { 'trusted_root.json': '{}', 'signing_config.v0.2.json': configOf(1), 'signing_config_rekor_v2.v0.2.json': configOf(2) }
    const { cloud, ports, instance } = await own(targets)
    await using _ = cloud
    expect((await readTrustedRoot(instance, { ...ports, offline: false })).toString()).toBe('{}')
    for (const version of [1, 2] as const) {
      expect(await readServices(instance, version, { ...ports, offline: false })).toEqual({
        authority: 'https://fulcio.example.com',
        logs: [{ url: 'https://rekor.example.com', version }],
        timestamps: ['https://tsa.example.com'],
      })
    }
    expect((await readTrustedRoot(instance, { ...ports, http: noNetwork, offline: true })).toString()).toBe('{}')
  })

  test('must have what is asked of it', async () => {
    const { cloud, ports, instance } = await own({})
    await using _ = cloud
    await expect(readTrustedRoot(instance, { ...ports, offline: false })).rejects.toMatchObject({ code: 'SW-TUF-REFUSED' })
    await expect(readServices(instance, 1, { ...ports, offline: false })).rejects.toMatchObject({ code: 'SW-SIGNING-CONFIG' })
  })
})

test('without a signing config GitHub’s instance signs with its own authority and time, and no log', async () => {
  const clock = fakeClock()
  await using cloud = await startFakeCloud([() => ({ status: 503, body: 'down' })], { clock })
  const { ports, recorded } = fakePorts({ clock, http: cloud.http })
  expect(await readServices(await knownInstance('github'), 1, { ...ports, offline: false })).toEqual(githubServices)
  expect(recorded.lines.join()).toContain('those that are built in')
})

test('with a log of version 2 there is nothing built in: the repository that cannot be read is told', async () => {
  const clock = fakeClock()
  await using cloud = await startFakeCloud([() => ({ status: 503, body: 'down' })], { clock })
  const { ports } = fakePorts({ clock, http: cloud.http })
  const reading = readServices(await knownInstance('public'), 2, { ...ports, offline: false })
  await expect(reading).rejects.toMatchObject({ code: 'SW-TUF-UNAVAILABLE', exit: 6 })
})

test.each([
  ['a private repository', { repository_visibility: 'private' }, githubServices],
  ['an internal repository', { repository_visibility: 'internal' }, githubServices],
  [
    'a private repository of an enterprise with an issuer of its own',
    { iss: 'https://token.actions.githubusercontent.com/acme', repository_visibility: 'private' },
    githubServices,
  ],
  [
    'a private repository of a tenant of ghe.com',
    { iss: 'https://token.actions.acme.ghe.com', repository_visibility: 'private' },
    {
      authority: 'https://fulcio.acme.ghe.com',
      logs: [],
      timestamps: ['https://timestamp.acme.ghe.com/api/v1/timestamp'],
    },
  ],
  ['a public repository', { repository_visibility: 'public' }, publicServices],
  ['a repository that does not tell', {}, publicServices],
  ['another issuer that says private', { iss: 'https://gitlab.com', repository_visibility: 'private' }, publicServices],
])('%s is signed for by the right instance', (_, claims, expected) => {
  expect(servicesFor(unsignedJwt({ iss: 'https://token.actions.githubusercontent.com', ...claims }))).toEqual(expected)
})

test('what is no token is the public instance’s to refuse', () => {
  expect(servicesFor('junk')).toEqual(publicServices)
})
