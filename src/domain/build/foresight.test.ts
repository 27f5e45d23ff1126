import { randomBytes } from 'node:crypto'
import { readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { describe, expect, it, jest } from '@jest/globals'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { runAlone } from '../../io/fixtures/own-process.ts'
import type { TarEntry } from '../../io/tar-entry.ts'
import type { Http, HttpRequest, HttpResponse } from '../../spec/ports.ts'
import { openCache } from '../cache/cache.ts'
import { entriesOf, failing, type Place, place, settled } from '../cache/fixtures/place.ts'
import { PieceShelf } from '../cache/piece-shelf.ts'
import { createLayout } from '../oci/layout.ts'
import { connectRegistry } from '../oci/registry.ts'
import { sendAheadTo } from '../oci/upload-ahead.ts'
import { foresee } from './foresight.ts'
import { writeLayer } from './layer-writer.ts'

const names = Array.from({ length: 12 }, (_, index) => `${String(index).padStart(2, '0')}.bin`)
const last = '99.js'

/** A project of twelve files of a piece each, and a small one behind them. */
const project = (): Promise<Place & AsyncDisposable> =>
  place({ ...Object.fromEntries(names.map((name) => [name, randomBytes(900_000)])), [last]: 'one line\n' })

/** Packs the project as a run does whose push goes to a repository with images; which part was packed when an upload was begun. */
async function packed(where: Place): Promise<number | undefined> {
  const cache = await openCache({
    folder: where.path('cache'),
    secretFile: where.path('home/secret'),
    ...{ limit: 2 ** 31, clock: Date, log: failing },
  })
  let [done, begun] = [0, undefined as number | undefined]
  const http: Http = {
    async request({ method, url }: HttpRequest) {
      if (method === 'POST') begun = done
      return answer(method, url)
    },
  }
  using client = testClient()
  sendAheadTo(http, connectRegistry('localhost:1', { ...client.ports, http }, { plainHttp: 'always' }).repository('team/app'))
  const onBytes = (bytes: number): void => {
    done += bytes
  }
  await writeLayer(await createLayout(where.path('layout')), await entriesOf(where), { cache, http, onBytes })
  return begun === undefined ? undefined : begun / done
}

/** That of a registry that has images, and takes no upload. */
function answer(method: string, url: string): HttpResponse {
  const bytes = Buffer.from(JSON.stringify({ tags: ['v1'] }))
  return {
    ...{ status: method === 'GET' ? 200 : 403, url, header: () => undefined, headers: () => [], body: Readable.from([bytes]) },
    pieces: () => {
      throw new Error('nobody asks for them')
    },
    bytes: async () => bytes,
    text: async () => bytes.toString(),
    json: async () => ({ tags: ['v1'] }),
    discard: async () => undefined,
  }
}

describe('a layer of which the last file has changed', () => {
  it.each<[string, boolean, (where: Place) => Promise<void>]>([
    ['its content', true, ({ path }) => writeFile(path(`project/${last}`), 'another line\n').then(settled)],
    ['its content a moment ago', true, ({ path }) => writeFile(path(`project/${last}`), 'another line\n')],
    ['one more behind it', true, ({ path }) => writeFile(path('project/99a.js'), 'more\n').then(settled)],
    ['it is gone', true, ({ path }) => rm(path(`project/${last}`))],
    ['its time alone', false, ({ path }) => utimes(path(`project/${last}`), 1, 1)],
  ])('is sent from its beginning on when it is surely new: %s, %s', async (_, isNew, change) => {
    await using where = await project()
    await packed(where)
    await change(where)
    const begun = await packed(where)
    if (isNew) expect(begun).toBeLessThan(0.6)
    else expect(begun).toBeUndefined()
  })

  it('is packed as ever where the files are in no state that this machine knows', async () => {
    await using where = await project()
    await packed(where)
    for (const name of names) await writeFile(where.path(`project/${name}`), await readFile(where.path(`project/${name}`)))
    await writeFile(where.path(`project/${last}`), 'another line\n')
    await settled()
    expect(await packed(where)).toBeGreaterThan(0.9)
  })
})

describe('what is foreseen', () => {
  /** Members of a piece each whose content nobody may read; those from `first` on were packed before. */
  const look = (first: number, http: Http | undefined, processors?: number) => {
    let seen = 0
    const shelf = new PieceShelf([])
    jest.spyOn(shelf, 'isTrusted', 'get').mockReturnValue(true)
    jest.spyOn(shelf, 'hasStamp').mockImplementation(() => {
      seen += 1
      return seen > first
    })
    const members = Array.from(
      { length: 80 },
      (_, index): TarEntry => ({
        ...({ type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 2 ** 20 - 512, stamp: 'known' } as const),
        ...{ path: `${index}`, content: () => Buffer.alloc(2 ** 20 - 512) },
      }),
    )
    const found = foresee(members, shelf, http, processors)
    return { found, seen: () => seen }
  }

  it.each([
    ['for a thread on two processors', 2, true],
    ['nothing on one', 1, false],
    ['nothing on three, where there is a thread in any case', 3, false],
  ])('where a layer goes nowhere: %s', async (_, processors, isMostlyKnown) => {
    const { found, seen } = look(0, undefined, processors)
    expect(await found).toEqual({ isMostlyKnown, isNew: false })
    expect(seen() > 0).toBe(isMostlyKnown)
  })

  it('ends soon where the first pieces are unknown', async () => {
    const { found, seen } = look(80, undefined, 2)
    expect(await found).toEqual({ isMostlyKnown: false, isNew: false })
    expect(seen()).toBe(5)
  })
})

describe.each([
  ['none', 0, 'sha256'],
  ['gzip', 0, 'deflate'],
  ['gzip', 1, 'sha256'],
])('a layer of %s on two processors, packed before %i times', (algorithm, before, thread) => {
  it(`is hashed by ${thread === 'sha256' ? 'a thread' : 'who packs'}`, async () => {
    await using where = await place({})
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const { lines } = runAlone(`
      const os = process.getBuiltinModule('node:os')
      os.availableParallelism = () => 2
      process.getBuiltinModule('node:module').syncBuiltinESMExports()
      const { writeLayer } = await import(${url('./layer-writer.ts')})
      const { openCache } = await import(${url('../cache/cache.ts')})
      const { createLayout } = await import(${url('../oci/layout.ts')})
      const options = { folder: '${where.path('cache')}', secretFile: '${where.path('secret')}', limit: 2 ** 31, clock: Date, log: console }
      const content = Buffer.alloc(1_000_000)
      const entries = (last) => Array.from({ length: 70 }, (_, at) => ({ kind: 'file', path: String(at), mode: 0o644, content }))
        .concat({ kind: 'file', path: 'last', mode: 0o644, content: Buffer.from(last) })
      const pack = async (last) => writeLayer(await createLayout('${where.path('layout')}'), entries(last),
        { cache: await openCache(options), compression: { algorithm: '${algorithm}' } })
      for (let times = 0; times < ${before}; times += 1) await pack(String(times))
      let names = []
      process.on('worker', ({ threadName }) => names.push(threadName))
      await pack('changed')
      say(names.join())
      process.exit()
    `)
    expect(lines).toEqual([thread])
  })
})
