import { randomBytes } from 'node:crypto'
import { createReadStream, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../base/digest.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { createTransport } from '../../io/transport.ts'
import type { Http, HttpRequest } from '../../spec/ports.ts'
import { connectRegistry, type Repository } from './registry.ts'
import { pushBlob } from './upload.ts'
import { type AheadUpload, beginAhead, dropAhead, endAhead, sendAheadTo, takeAhead } from './upload-ahead.ts'

const large = 9 * 2 ** 20
const folder = temporaryFolder()
let registry: FakeRegistry
let client: TestClient
let repository: Repository

beforeEach(async () => {
  registry = await startFakeRegistry()
  client = testClient()
  repository = client.connect(registry.address).repository('team/app')
  sendAheadTo(client.ports.http, repository)
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

const bytes = randomBytes(large)
const blob = { digest: sha256(bytes), size: large }

/** A file as a build writes it. */
function written(name: string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** Files that are open in this process, by that name. */
function openFiles(name: string): number {
  const links = readdirSync('/proc/self/fd').map((descriptor) => linkOf(descriptor))
  return links.filter((path) => path === join(folder, name)).length
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    // That of the folder itself, which was just read.
    return ''
  }
}

/** The registry's first answer to a method has come. */
const answered = (method: string) => until(() => registry.log.some((line) => line.startsWith(`${method} `)))

/** Four seconds at most, so that what never comes fails this test and holds up no other. */
async function until(isSo: () => boolean): Promise<void> {
  for (const late = Date.now() + 4000; !isSo(); ) {
    if (Date.now() > late) throw new Error('it never came')
    await turn()
  }
}

describe('a blob that is sent while it is written', () => {
  it('is sent once where two are of the same bytes, and the other is given up', async () => {
    const both = ['one', 'other'].map((name) => {
      const ahead = beginAhead(client.ports.http, large, () => true)
      ahead?.grew(written(name), large)
      return ahead
    })
    await until(() => registry.log.filter((line) => line.startsWith('POST ')).length === 2)
    for (const ahead of both) ahead?.whole(blob)
    const upload = await takeAhead(repository, blob, undefined)
    expect(upload?.offset).toBe(large)
    expect(await takeAhead(repository, blob, undefined)).toBeUndefined()
    await answered('DELETE')
  })

  it('leaves no file open, though nobody takes it', async () => {
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(written('left'), large)
    expect(openFiles('left')).toBe(1)
    ahead?.whole(blob)
    await answered('PATCH')
    await until(() => openFiles('left') === 0)
  })

  it.each([
    ['it will not be', (ahead: AheadUpload | undefined) => ahead?.abandon()],
    ['the registry refuses it', () => answered('POST')],
  ])('opens none any more where %s', async (_, ends) => {
    registry.fail(faults.status(/^POST /, 403))
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(written('ended'), large)
    await ends(ahead)
    await until(() => openFiles('ended') === 0)
    ahead?.grew(join(folder, 'ended'), large)
    expect(openFiles('ended')).toBe(0)
  })

  it.each([
    ['it will not be', (ahead: AheadUpload | undefined) => ahead?.abandon()],
    ['the run ends before', () => undefined],
    ['the run ends, and nobody has pushed it', (ahead: AheadUpload | undefined) => ahead?.whole(blob)],
  ])('is given up where it stands when %s', async (_, ends) => {
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(written('halfway'), large / 2)
    await until(() => registry.asked.some(({ method }) => method === 'PATCH'))
    ends(ahead)
    await endAhead(client.ports.http)
    expect(registry.log.at(-1)).toMatch(/^DELETE .* 204$/)
    expect(openFiles('halfway')).toBe(0)
  })

  it('is given up where its push fails for good', async () => {
    registry.fail(faults.status(/^PUT /, 403))
    const ahead = beginAhead(client.ports.http, large, () => true)
    const path = written('denied')
    ahead?.grew(path, large)
    ahead?.whole(blob)
    await expect(pushBlob(repository, { ...blob, open: () => createReadStream(path) })).rejects.toMatchObject({
      code: 'SW-REGISTRY-UNAUTHENTICATED',
    })
    await endAhead(client.ports.http)
    expect(registry.log.at(-1)).toMatch(/^DELETE .* 204$/)
  })

  it('holds up no end of a run for longer than a second, where the registry does not hear', async () => {
    registry.fail({ name: 'silent', on: { method: 'DELETE' }, action: 'stall' })
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(written('unheard'), large)
    ahead?.whole(blob)
    await answered('PATCH')
    await endAhead(client.ports.http)
    expect(registry.asked.at(-1)?.method).toBe('DELETE')
  }, 4000)

  it('is not begun when it was given up before', async () => {
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.abandon()
    await endAhead(client.ports.http)
    expect(registry.asked.filter(({ method }) => method === 'POST')).toEqual([])
  })

  it('that cannot be read again is no concern of who writes it', async () => {
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(join(folder, 'not-there'), large)
    ahead?.whole(blob)
    expect(await takeAhead(repository, blob, undefined)).toBeUndefined()
  })

  it('is given up in silence where the run is stopped', async () => {
    const stop = new AbortController()
    const { clock, log } = client.ports
    const http = createTransport({ userAgent: 'test', clock, log, signal: stop.signal })
    const there = connectRegistry(registry.address, { ...client.ports, http }).repository('team/app')
    sendAheadTo(http, there)
    const ahead = beginAhead(http, large, () => true)
    ahead?.grew(written('stopped'), large)
    ahead?.whole(blob)
    await answered('PATCH')
    stop.abort(new Error('SIGTERM'))
    dropAhead(there, blob)
    await answered('DELETE')
    http.close()
  })

  it('waits ten seconds at most for what comes before its bytes, and for those as long as they are packed', async () => {
    const asked: HttpRequest[] = []
    const request: Http['request'] = (one) => {
      asked.push(one)
      return client.ports.http.request(one)
    }
    const http = { request }
    const there = connectRegistry(registry.address, { ...client.ports, http }).repository('team/app')
    sendAheadTo(http, there)
    const ahead = beginAhead(http, large, () => true)
    ahead?.grew(written('waits'), large)
    ahead?.whole(blob)
    await takeAhead(there, blob, undefined)
    const limits = asked.map(({ method, url, deadline }) => [method, new URL(url).pathname.split('/').at(3) ?? '', deadline])
    expect(limits.slice(1, 4)).toEqual([
      ['GET', 'app', 10_000],
      ['POST', 'app', 10_000],
      ['PATCH', 'app', 24 * 3_600_000],
    ])
  })

  it.each([
    [400, 'UNKNOWN'],
    [400, 'DIGEST_INVALID'],
    [404, 'BLOB_UPLOAD_UNKNOWN'],
    [405, 'UNSUPPORTED'],
    [416, 'BLOB_UPLOAD_INVALID'],
  ])('is sent by its push, as if it had not been sent before, where the registry does not commit it: %i %s', async (status, code) => {
    registry.fail(faults.status(/^PUT .*uploads/, status, { times: 1, code }))
    const path = written('refused')
    const ahead = beginAhead(client.ports.http, large, () => true)
    ahead?.grew(path, large)
    ahead?.whole(blob)
    expect(await pushBlob(repository, { ...blob, open: () => createReadStream(path) })).toBe('uploaded')
    const sizes = registry.asked.filter(({ method }) => method === 'PUT').map(({ headers }) => headers['content-length'])
    expect(sizes).toEqual(['0', `${large}`])
  })
})
