import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type FakeRecord, fakeOsv } from '../../../test/fakes/osv.ts'
import { lodash as known, remotePorts } from '../../domain/advisories/remote/remote.fake.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { zipOf } from '../../io/fixtures/zip.ts'
import { advisory, npm, type Scanned, scan } from './scene.fake.ts'

const found = { ...advisory('GHSA-left', 'left', '2.0.0'), aliases: ['CVE-2026-1'] }
/** As the service looks at it: it gives back all that there is. */
const record: FakeRecord = {
  ...{ ...found, id: 'GHSA-left', modified: '2026-11-20T00:00:00Z' },
  affected: [{ package: { ecosystem: 'npm', name: 'left' }, versions: ['1.0.0'] }],
}
const homes = temporaryFolder()
const layers = [npm(['left', '1.0.0'])]
const files = {
  'epss.csv': '#model_version:v1,score_date:2026-11-21T00:00:00+0000\ncve,epss,percentile\nCVE-2026-1,0.9,0.99\n',
  'kev.json': JSON.stringify({
    ...{ catalogVersion: '1', dateReleased: '2026-11-20T00:00:00Z' },
    vulnerabilities: [{ cveID: 'CVE-2026-1', dateAdded: '2026-11-01' }],
  }),
}
const reportOf = (seen: Scanned): unknown => JSON.parse(seen.files?.get('report') ?? '{}')

describe('a scan by advisories that are fetched', () => {
  it('asks a service, keeps what it gives with the user, and puts EPSS and KEV on it, with all dates', async () => {
    const { url, asked, close } = await fakeOsv([known, record])
    const HOME = mkdtempSync(join(homes, 'home-'))
    const ports = { http: remotePorts().http, environment: { HOME } }
    const seen = await scan({ layers, advisories: [], files, ports, inputs: { database: url, epss: 'epss.csv', kev: 'kev.json' } })
    await close()
    expect(asked).toEqual(['POST /v1/querybatch', 'GET /v1/vulns/GHSA-left'])
    expect(reportOf(seen)).toMatchObject({
      databaseDate: '2026-11-22T00:00:00.000Z',
      dates: { npm: '2026-11-22T00:00:00.000Z', EPSS: '2026-11-21T00:00:00Z', KEV: '2026-11-20T00:00:00.000Z' },
      findings: [{ id: 'CVE-2026-1', exploitation: { epss: { score: 0.9 }, kev: { added: '2026-11-01' } } }],
    })
    expect(readdirSync(join(HOME, '.cache/slipway/advisories'))).toHaveLength(1)
  })

  it('fetches an archive for each ecosystem of the image', async () => {
    const { url, asked, close } = await fakeOsv([], { archives: { npm: zipOf([{ path: 'A.json', text: JSON.stringify(found) }]) } })
    const database = `${url}/mirror/{ecosystem}/all.zip`
    const seen = await scan({ layers, advisories: [], ports: { http: remotePorts().http }, inputs: { database } })
    await close()
    expect([asked, reportOf(seen)]).toMatchObject([['GET /mirror/npm/all.zip'], { findings: [{ id: 'CVE-2026-1' }] }])
  })

  it('by a feed that is old fails, though the advisories are new', async () => {
    const old = { 'epss.csv': files['epss.csv'].replace('2026-11-21', '2026-10-21') }
    const seen = await scan({ layers: [npm(['left', '2.0.0'])], advisories: [found], files: old, inputs: { epss: 'epss.csv' } })
    expect(seen.failure).toHaveProperty('message', expect.stringContaining('the newest entry of EPSS is of 2026-10-21'))
  })
})
