import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, test } from '@jest/globals'
import { type FakeOsv, type FakeRecord, fakeOsv } from '../../../../test/fakes/osv.ts'
import type { Answers } from '../database.ts'
import { askService } from './api.ts'
import { about, lodash, now, npm, remotePorts } from './remote.fake.ts'

let service: FakeOsv | undefined
const started = async (records: readonly FakeRecord[], page?: number): Promise<FakeOsv> => {
  service = await fakeOsv(records, page === undefined ? {} : { page })
  return service
}
afterEach(() => service?.close())

const ids = ({ advisories }: Answers): readonly string[] =>
  [...advisories.values()]
    .flat()
    .map(({ id }) => id)
    .sort()
const fetched = ({ asked }: FakeOsv): readonly string[] => asked.filter((each) => each.startsWith('GET')).sort()

describe('a service of advisories', () => {
  it('is told names and versions, and gives the records, page by page', async () => {
    const { url, batches } = await started([lodash, ...[1, 2, 3, 4, 5].map((at) => about(`A-${at}`, 'a'))])
    const answers = await askService(`${url}/`, [npm('a'), npm('b')], remotePorts())
    expect([ids(answers), answers.records]).toEqual([['A-1', 'A-2', 'A-3', 'A-4', 'A-5'], 5])
    expect(batches).toEqual([
      {
        queries: [
          { package: { ecosystem: 'npm', name: 'lodash' } },
          { package: { ecosystem: 'npm', name: 'a' }, version: '1.0.0' },
          { package: { ecosystem: 'npm', name: 'b' }, version: '1.0.0' },
        ],
      },
      { queries: [{ package: { ecosystem: 'npm', name: 'a' }, version: '1.0.0', page_token: '2' }] },
      { queries: [{ package: { ecosystem: 'npm', name: 'a' }, version: '1.0.0', page_token: '4' }] },
    ])
  })

  it('is asked about at most a thousand packages at a time', async () => {
    const { url, batches } = await started([lodash, about('A', 'package-2400')])
    const answers = await askService(
      url,
      Array.from({ length: 2500 }, (_, at) => npm(`package-${at}`)),
      remotePorts(),
    )
    expect([ids(answers), batches.map(({ queries }) => queries.length).sort()]).toEqual([['A'], [1000, 1000, 501]])
  })

  it('is asked about all of a package whose version has no order: it would call that one clean', async () => {
    const { url, batches } = await started([lodash, about('A', 'a')])
    expect(ids(await askService(url, [npm('a', 'latest')], remotePorts()))).toEqual(['A'])
    expect(batches[0]?.queries.at(-1)).toEqual({ package: { ecosystem: 'npm', name: 'a' } })
  })

  it('knows an ecosystem when it has something to tell of what everybody knows', async () => {
    const { url } = await started([about('DSA-1', 'openssl', { ecosystem: 'Debian:12' })])
    const debian = { ecosystem: 'Debian', releases: ['12'], names: ['a'], version: '1', scheme: 'dpkg' as const }
    const answers = await askService(url, [npm('a'), debian], remotePorts())
    expect([[...answers.ecosystems], answers.dates.map(({ what }) => what)]).toEqual([['Debian:12'], ['Debian']])
  })

  it('is as new as it was asked, and its digest is that of what it named', async () => {
    const { url } = await started([lodash, about('A', 'a')])
    const first = await askService(url, [npm('a')], remotePorts())
    const other = await askService(url, [npm('b')], remotePorts())
    expect([first.modified, first.dates]).toEqual([new Date(now).toISOString(), [{ what: 'npm', date: first.modified, silence: 0 }]])
    expect(first.digest).not.toBe(other.digest)
  })
})

describe('records that were fetched', () => {
  it('are kept for this user alone, and fetched again only when they have changed', async () => {
    const { folder } = remotePorts()
    const first = await started([lodash, about('A', 'a'), about('B', 'a')], 10)
    await askService(first.url, [npm('a')], remotePorts(folder))
    expect(fetched(first)).toEqual(['GET /v1/vulns/A', 'GET /v1/vulns/B'])
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600])
    first.asked.length = 0
    expect(ids(await askService(first.url, [npm('a')], remotePorts(folder)))).toEqual(['A', 'B'])
    expect(fetched(first)).toEqual([])
  })

  it.each<readonly [string, (text: string) => string]>([
    ['are gone', () => ''],
    ['are cut', (text) => text.slice(0, text.length - 40)],
    ['are older', (text) => text.replaceAll('2026-11-20', '2026-11-19')],
    ['are under another name', (text) => text.replaceAll('"A"', '"B"')],
    ['are no records', () => '[]\n{}\n"A"\n'],
    ['are 100,000 deep', () => '['.repeat(100_000)],
  ])('are fetched again when those that are kept %s', async (_, change) => {
    const { folder } = remotePorts()
    const { url, asked } = await started([lodash, about('A', 'a')])
    await askService(url, [npm('a')], remotePorts(folder))
    asked.length = 0
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')))
    expect(ids(await askService(url, [npm('a')], remotePorts(folder)))).toEqual(['A'])
    expect(asked.filter((each) => each.startsWith('GET'))).toEqual(['GET /v1/vulns/A'])
  })

  it('are not taken from what another service said', async () => {
    const { folder } = remotePorts()
    await askService((await started([lodash, about('A', 'a')])).url, [npm('a')], remotePorts(folder))
    await service?.close()
    const other = await started([lodash, about('A', 'a')])
    await askService(other.url, [npm('a')], remotePorts(folder))
    expect(fetched(other)).toEqual(['GET /v1/vulns/A'])
  })
})

describe('a service that is not well', () => {
  const text =
    (status: number, body: string, headers = {}) =>
    (_: unknown, response: Parameters<FakeOsv['faults'][number]>[1]) =>
      void response.writeHead(status, headers).end(body)

  test.each<readonly [string, FakeOsv['faults'][number]]>([
    ['is busy', text(429, 'slow down', { 'retry-after': '3' })],
    ['is broken for a moment', text(503, '')],
    [
      'breaks off',
      (_, response) => void response.writeHead(200, { 'content-length': 1000 }).write('{"results":', () => response.destroy()),
    ],
  ])('%s is asked again', async (_, fault) => {
    const { url, faults } = await started([lodash, about('A', 'a')])
    faults.push(fault)
    expect(ids(await askService(url, [npm('a')], remotePorts()))).toEqual(['A'])
  })

  test.each<readonly [string, FakeOsv['faults'][number], string]>([
    ['refuses', text(400, '{"code":3,"message":"Invalid ecosystem."}'), 'Invalid ecosystem.'],
    ['is another one', text(404, 'no such page'), 'no such page'],
    ['answers with a page', text(200, '<html>Log in</html>'), 'something else than JSON: <html>Log in</html>'],
    ['answers with other JSON', text(200, '{"vulns":[]}'), 'something else than results'],
    ['answers less than was asked', text(200, '{"results":[{}]}'), 'answers 1 of 2 queries'],
    ['answers 100,000 deep', text(200, '['.repeat(100_000)), 'something else than'],
    ['says commands', text(400, '\r\n::error::x\u001b[2J'), '\u241b'],
  ])('%s: an error, never clean', async (_, fault, said) => {
    const { url, faults } = await started([lodash, about('A', 'a')])
    faults.push(fault)
    await expect(askService(url, [npm('a')], remotePorts())).rejects.toMatchObject({
      code: 'SW-ADVISORIES-SERVICE',
      message: expect.stringContaining(said),
    })
  })

  it('that leads elsewhere is not followed: nobody else is told what an image is made of', async () => {
    const other = await fakeOsv([lodash, about('A', 'a')])
    const { url, faults } = await started([lodash])
    faults.push(text(307, '', { location: `${other.url}/v1/querybatch` }))
    await expect(askService(url, [npm('a')], remotePorts())).rejects.toMatchObject({ code: 'SW-ADVISORIES-SERVICE' })
    expect(other.asked).toEqual([])
    await other.close()
  })

  it('that names the same page again is not asked for ever', async () => {
    const { url, faults } = await started([lodash])
    faults.push(text(200, '{"results":[{},{"next_page_token":"1"}]}'))
    for (let page = 0; page < 3; page += 1) faults.push(text(200, '{"results":[{"next_page_token":"1"}]}'))
    await expect(askService(url, [npm('a')], remotePorts())).rejects.toMatchObject({ code: 'SW-ADVISORIES-SERVICE' })
    expect(faults).toHaveLength(2)
  })

  it('that gives another record than was asked for is an error', async () => {
    const { url, faults } = await started([lodash, about('A', 'a')])
    faults.push(text(200, JSON.stringify({ results: [{ vulns: [lodash] }, { vulns: [{ id: 'A', modified: '2026-11-20T00:00:00Z' }] }] })))
    faults.push(text(200, JSON.stringify(about('B', 'a'))))
    await expect(askService(url, [npm('a')], remotePorts())).rejects.toMatchObject({ code: 'SW-ADVISORIES-INVALID' })
  })

  it('may name an advisory as a path: it stays one piece of the address', async () => {
    const { url, faults, asked } = await started([lodash])
    faults.push(text(200, JSON.stringify({ results: [{}, { vulns: [{ id: '../../admin?x=#', modified: '2026-11-20T00:00:00Z' }] }] })))
    await expect(askService(url, [npm('a')], remotePorts())).rejects.toMatchObject({ code: 'SW-ADVISORIES-SERVICE' })
    expect(asked).toEqual(['POST /v1/querybatch', 'GET /v1/vulns/../../admin?x=#'])
  })
})
