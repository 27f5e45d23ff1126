import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { listen } from '../../../io/server.ts'
import { remotePorts } from '../remote/remote.fake.ts'
import { type Epss, readEpss } from './epss.ts'
import { openFeed } from './feed.ts'
import { readKev } from './kev.ts'

const head = '#model_version:v2026.03.14,score_date:2026-11-21T00:00:00+0000\ncve,epss,percentile\n'
const stream = (text: string, size = text.length): Readable =>
  Readable.from(Array.from({ length: Math.ceil(text.length / size) }, (_, at) => Buffer.from(text.slice(at * size, (at + 1) * size))))
const read = (text: string, names = ['CVE-2026-1']): Promise<Epss> => readEpss(stream(text), new Set(names), 'scores.csv')

describe('scores of EPSS', () => {
  it.each([1, 7, 1000])('are those of the names asked for, in whatever pieces they come: %i', async (size) => {
    const text = `${head}CVE-1999-0001,0.01417,0.80239\r\nCVE-2026-1,0.94,1.0\nCVE-2026-11,0.5,0.9\n`
    expect(await readEpss(stream(text, size), new Set(['CVE-2026-1', 'CVE-2030-1']), 'scores.csv')).toEqual({
      date: '2026-11-21T00:00:00Z',
      model: 'v2026.03.14',
      scores: new Map([['CVE-2026-1', { score: 0.94, percentile: 1 }]]),
    })
  })

  test.each([
    ['no line', '', 'it may have been cut'],
    ['no scores', head, 'it may have been cut'],
    ['a page of a login', '<html>\n<body>\n', 'model_version'],
    ['no header', 'cve,epss,percentile\nCVE-2026-1,0.1,0.1\n', 'model_version'],
    ['other columns', `${head.replace('epss,', 'score,')}CVE-2026-1,0.1,0.1\n`, 'cve,epss,percentile'],
    ['a line that is cut', `${head}CVE-2026-1,0.\n`, 'two numbers'],
    ['a score beyond 1', `${head}CVE-2026-1,2.5,0.1\n`, 'two numbers'],
    ['a name with commands', `${head}::error::x,0.5,0.1\n`, 'two numbers'],
    ['a line without an end', `${head}${'9'.repeat(10_000)}`, 'more than 4096 characters'],
  ])('of a file with %s cannot be had', async (_, text, said) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'SW-ADVISORIES-FEED', message: expect.stringContaining(said) })
  })
})

const entry = { cveID: 'CVE-2026-1', dateAdded: '2026-11-01', dueDate: '2026-11-22', knownRansomwareCampaignUse: 'Known', notes: 'x' }
const catalogue = (...vulnerabilities: readonly object[]): string =>
  JSON.stringify({ title: 'KEV', catalogVersion: '2026.11.20', dateReleased: '2026-11-20T18:00:11.1431Z', count: 1, vulnerabilities })

describe("CISA's catalogue", () => {
  it('says since when, until when, and whether for ransom', async () => {
    const seen = await readKev(
      stream(catalogue(entry, { cveID: 'CVE-2026-2', dateAdded: '2026-11-02', knownRansomwareCampaignUse: 'Unknown' })),
      'kev.json',
    )
    expect([seen.date, seen.version, [...seen.entries]]).toEqual([
      '2026-11-20T18:00:11.143Z',
      '2026.11.20',
      [
        ['CVE-2026-1', { added: '2026-11-01', due: '2026-11-22', ransomware: true }],
        ['CVE-2026-2', { added: '2026-11-02', ransomware: false }],
      ],
    ])
  })

  test.each([
    ['nothing', ''],
    ['no entry', catalogue()],
    ['no date', JSON.stringify({ vulnerabilities: [entry] })],
    ['a name that is none', catalogue({ ...entry, cveID: 'CVE-2026-1\n' })],
    ['a day that is none', catalogue({ ...entry, dateAdded: 'soon' })],
    ['JSON 200,000 deep', '['.repeat(200_000)],
    ['a cut end', catalogue(entry).slice(0, -1)],
  ])('with %s is an error, never "not exploited"', async (_, text) => {
    await expect(readKev(stream(text), 'kev.json')).rejects.toMatchObject({ code: 'SW-ADVISORIES-FEED' })
  })
})

describe('a feed', () => {
  const folder = mkdtempSync(join(temporaryFolder(), 'feed-'))
  const text = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
    const pieces: Uint8Array[] = []
    for await (const piece of source) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  }

  it('is a file or an address, and unpacked when it is gzip, whatever it is called', async () => {
    writeFileSync(join(folder, 'plain.csv.gz'), 'a')
    writeFileSync(join(folder, 'packed.csv'), gzipSync('b'))
    const { url, close } = await listen(async (_, response) => void response.end(gzipSync('c')))
    const ports = { http: remotePorts().http, workspace: folder }
    const seen = await Promise.all(['plain.csv.gz', 'packed.csv', `${url}/x`].map(async (where) => text(await openFeed(where, ports))))
    expect(seen).toEqual(['a', 'b', 'c'])
    await close()
  })

  it('that is a bomb ends before the memory does', async () => {
    writeFileSync(join(folder, 'bomb'), gzipSync(Buffer.alloc(300 * 2 ** 20)))
    const source = await openFeed('bomb', { http: remotePorts().http, workspace: folder })
    await expect(readEpss(source, new Set(), 'bomb')).rejects.toMatchObject({ code: 'SW-ADVISORIES-FEED' })
    await expect(text(await openFeed('bomb', { http: remotePorts().http, workspace: folder }))).rejects.toMatchObject({
      code: 'SW-COMPRESSED-LIMIT',
    })
  })
})
