import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, test } from '@jest/globals'
import { type FakeOsv, fakeOsv } from '../../../../test/fakes/osv.ts'
import { type ZipFile, zipOf } from '../../../io/fixtures/zip.ts'
import type { Answers } from '../database.ts'
import { askArchives } from './archives.ts'
import { about, npm, remotePorts } from './remote.fake.ts'

const archive = (...ids: readonly string[]): Buffer =>
  zipOf(ids.map((id): ZipFile => ({ path: `${id}.json`, text: JSON.stringify(about(id, 'a')), method: 8 })))
let server: FakeOsv | undefined
const started = async (archives: Readonly<Record<string, Buffer>>): Promise<FakeOsv & { readonly address: string }> => {
  server = await fakeOsv([], { archives })
  return { ...server, address: `${server.url}/mirror/{ecosystem}/all.zip` }
}
afterEach(() => server?.close())
const ids = ({ advisories }: Answers): readonly string[] =>
  [...advisories.values()]
    .flat()
    .map(({ id }) => id)
    .sort()
const rocky = { ecosystem: 'Rocky Linux', releases: ['9'], names: ['a'], version: '1', scheme: 'rpm' as const }

describe('archives at an address', () => {
  it('are fetched for the ecosystems that are asked for, and nothing is told of the packages', async () => {
    const { address, asked } = await started({ npm: archive('A', 'B'), 'Rocky Linux': archive('C'), PyPI: archive('D') })
    const answers = await askArchives(address, [npm('a'), rocky], remotePorts())
    expect([ids(answers), asked.toSorted()]).toEqual([
      ['A', 'B', 'C'],
      ['GET /mirror/Rocky Linux/all.zip', 'GET /mirror/npm/all.zip'],
    ])
  })

  it('are as new as the server made them, where the ecosystem had no news for long', async () => {
    const { address } = await started({ npm: archive('A') })
    expect(await askArchives(address, [npm('a')], remotePorts())).toMatchObject({
      modified: '2026-11-21T12:00:00.000Z',
      dates: [{ what: 'npm', date: '2026-11-21T12:00:00.000Z' }],
    })
  })

  it('are kept, and asked for by their ETag', async () => {
    const { folder } = remotePorts()
    const { address } = await started({ npm: archive('A') })
    await askArchives(address, [npm('a')], remotePorts(folder))
    server?.faults.push((request, response) => {
      response.writeHead(request.headers['if-none-match'] === undefined ? 500 : 304).end()
    })
    expect(ids(await askArchives(address, [npm('a')], remotePorts(folder)))).toEqual(['A'])
  })

  it('that were changed where they are kept are fetched anew', async () => {
    const { folder } = remotePorts()
    const { address } = await started({ npm: archive('A') })
    await askArchives(address, [npm('a')], remotePorts(folder))
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name, 'npm', 'all.zip'), archive('harmless'))
    expect(ids(await askArchives(address, [npm('a')], remotePorts(folder)))).toEqual(['A'])
  })

  it('that are no longer there are not taken from what was kept', async () => {
    const { folder } = remotePorts()
    const { address, faults } = await started({ npm: archive('A') })
    await askArchives(address, [npm('a')], remotePorts(folder))
    faults.push((_, response) => void response.writeHead(404).end())
    const ports = remotePorts(folder)
    const answers = await askArchives(address, [npm('a')], ports)
    expect([ids(answers), [...answers.ecosystems], ports.lines]).toEqual([[], [], [expect.stringContaining('"ecosystem":"npm"')]])
  })

  test.each<readonly [string, number]>([
    ['once is fetched again', 1],
    ['again and again is an error', 9],
  ])('of which one breaks off %s', async (_, times) => {
    const { address, faults } = await started({ npm: archive('A') })
    for (let at = 0; at < times; at += 1)
      faults.push((_request, response) => void response.writeHead(200, { 'content-length': 1000 }).write('PK', () => response.destroy()))
    const seen = await askArchives(address, [npm('a')], remotePorts()).then(ids, (error: { code: string }) => error.code)
    expect(seen).toEqual(times === 1 ? ['A'] : 'SW-HTTP-TRUNCATED')
  })
})
