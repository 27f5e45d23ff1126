import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { sha256 } from '../../base/digest.ts'
import type { AuthOptions } from '../registry/auth/dialect.ts'
import { copyFromLayout } from './copy.ts'
import { createLayout, type Layout } from './layout.ts'
import type { Loaded } from './layout-blobs.ts'
import { pushBlob } from './upload.ts'

const credential = { username: 'bob', password: 'hunter2' }
let folder: string
let layout: Layout
let image: Loaded
let registry: FakeRegistry
let client: TestClient

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-push-'))
  layout = await createLayout(folder)
  image = await writeImage(layout)
  client = testClient()
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function start(auth: Partial<AuthOptions> = {}): Promise<void> {
  registry = await startFakeRegistry({ auth: { mode: 'harbor', ...credential, now: client.clock.now, ...auth } })
}

const push = (path: string, mountFrom?: string) =>
  copyFromLayout(layout, image.descriptor.digest, client.connect(registry.address, { credential }).repository(path), {
    tags: ['v1'],
    ...(mountFrom === undefined ? {} : { mountFrom: () => mountFrom }),
  })
const scopes = (): string[] => registry.tokens.map(({ parameters }) => parameters.getAll('scope').join(' + '))

describe('the authorisation of a push', () => {
  it('asks for pull and push in one token, and for little else', async () => {
    await start()
    await push('team/app')
    expect(new Set(scopes())).toEqual(new Set(['repository:team/app:pull,push', 'repository:team/app:pull']))
  })

  it.each([
    ['Harbor', 'harbor', 'ci', [2000]],
    ['Harbor, of a robot,', 'harbor', 'robot$ci', []],
    ['another registry', 'bearer', 'ci', []],
    ['another registry', 'basic', 'ci', []],
  ] as const)('waits for the lock of a wrong password where there may be one: at %s (%s, %s)', async (_, mode, username, slept) => {
    // So a locked account looks at Harbor: it gets a token, for nothing.
    await start({ mode, username, grant: () => [] })
    const password = mode === 'basic' ? 'wrong' : credential.password
    const registryClient = client.connect(registry.address, { credential: { username, password } })
    const failed = copyFromLayout(layout, image.descriptor.digest, registryClient.repository('team/app'))
    await expect(failed).rejects.toMatchObject({ code: 'SW-REGISTRY-DENIED' })
    expect(client.clock.slept).toEqual(slept)
  })

  it('asks for the source of a mount in the token for its target', async () => {
    await start()
    await push('base')
    expect((await push('team/app', 'base')).blobs).toEqual({ present: 0, mounted: 2, uploaded: 0 })
    expect(scopes()).toContain('repository:team/app:pull,push + repository:base:pull')
  })

  it('uploads, when it has no right to read the source of a mount', async () => {
    await start({ grant: (scope) => (scope.startsWith('repository:secret:') ? [] : ['pull', 'push']) })
    expect((await push('team/app', 'secret')).blobs).toEqual({ present: 0, mounted: 0, uploaded: 2 })
  })

  it('outlives its tokens, as a long upload does', async () => {
    await start({ life: 100 })
    // Once: a second jump could end a token between its making and its first use, which no real clock does.
    let isLate = false
    registry.fail({
      on: /^PUT .*uploads/,
      after: (reply) => {
        if (!isLate) client.clock.advance(200_000)
        isLate = true
        return reply
      },
    })
    expect(await push('team/app')).toMatchObject({ moved: ['v1'] })
  })

  it('is renewed at 80 % of its life, so that no chunk and no commit of a long upload meets a dying token', async () => {
    let born = 0
    const onQuestion = (): void => {
      born = client.clock.now()
    }
    await start({ life: 1000, onQuestion })
    const repository = client.connect(registry.address, { credential, chunkSize: 1000 }).repository('team/app')
    const bytes = Buffer.alloc(8000, 'x')
    const ages: number[] = []
    registry.fail({
      on: /^(PATCH|PUT) .*uploads/,
      after: (reply) => {
        ages.push((client.clock.now() - born) / 1000)
        client.clock.advance(300_000)
        return reply
      },
    })
    await pushBlob(repository, { digest: sha256(bytes), size: bytes.length, open: () => Readable.from([bytes]) })
    expect(ages).toEqual([0, 300, 600, 0, 300, 600, 0, 300, 600])
    expect(registry.log.slice(3).filter((line) => line.endsWith(' 401'))).toEqual([])
  })

  it('that may only pull is denied, with the action and the account’s source', async () => {
    await start({ grant: () => ['pull'] })
    await expect(push('team/app')).rejects.toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      message: expect.stringMatching(
        /denies the credential from the inputs username and password to push blob sha256:[0-9a-f]{6}… to 127\.0\.0\.1:\d+\/team\/app: status 401, UNAUTHORIZED/,
      ),
    })
    expect(registry.log.filter((line) => /^(PUT|PATCH)/.test(line))).toEqual([])
  })
})
