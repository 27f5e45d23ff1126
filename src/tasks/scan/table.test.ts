import { describe, expect, it, test } from '@jest/globals'
import { advisory, npm, type Scanned, type Scene, scan } from './scene.fake.ts'

const lodash = advisory('CVE-2021-23337', 'lodash', '4.17.21')
const open = advisory('CVE-2', 'left', '', {
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N' }],
  affected: [{ package: { ecosystem: 'npm', name: 'left' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
})
const tableOf = ({ recorded }: Scanned): string[] => {
  const [first = ''] = recorded.lines.filter((line) => line.startsWith('untrusted'))
  return first
    .replace(/^untrusted /, '')
    .replace(/ \{\}$/, '')
    .split('\n')
}
const blocksOf = ({ summary }: Scanned) =>
  summary.flatMap((block) => (block.kind === 'table' ? [{ title: block.title, columns: block.columns, rows: block.rows }] : []))
const many = Array.from({ length: 300 }, (_, at) => `p${at}`)
const crowd: Scene = {
  layers: [npm(...many.map((name) => [name, '1.0.0'] as const))],
  advisories: many.map((name) => advisory(`CVE-${name}`, name, '2.0.0')),
}

describe('the table', () => {
  it('has the verdict with its reasons first, then the failing and the rest, the place last', async () => {
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'], ['left', '1.0.0'])], advisories: [lodash, open] })
    expect(tableOf(seen)).toEqual([
      'fail  1 critical, 1 medium',
      '  ✗ 1 critical',
      '  ✗ critical 9.8  CVE-2021-23337  lodash 4.17.20  → 4.17.21  app/node_modules/lodash/package.json',
      '  · medium 5.3    CVE-2           left 1.0.0      no fix     app/node_modules/left/package.json',
    ])
  })

  it('is one line where nothing was found', async () => {
    expect(tableOf(await scan({ layers: [npm(['lodash', '4.17.21'])], advisories: [lodash] }))).toEqual(['pass  nothing found'])
  })

  it('fits with its summary into what a failing task shows, and says how much more there is', async () => {
    const lines = tableOf(await scan(crowd))
    expect([lines.length, lines.slice(0, 2), lines.at(-1)]).toEqual([
      28,
      ['fail  300 critical', '  ✗ 300 critical'],
      '  … 275 more findings in .slipway/outputs/scan/report',
    ])
  })

  test.each([
    ['what is exploited', { kev: 'kev.json', epss: 'epss.csv' }, /lodash 4\.17\.20 +→ 4\.17\.21 +KEV, EPSS 94 % +app\//],
    ['nothing of a probability that is none', { epss: 'low.csv' }, /→ 4\.17\.21 {2}app\//],
  ])('marks %s', async (_, inputs, expected) => {
    const day = '2026-11-21'
    const files = {
      'kev.json': JSON.stringify({
        catalogVersion: '2026.11.21',
        dateReleased: `${day}T00:00:00Z`,
        vulnerabilities: [
          { cveID: 'CVE-2021-23337', dateAdded: '2022-01-01', dueDate: '2022-02-01', knownRansomwareCampaignUse: 'Unknown' },
        ],
      }),
      'epss.csv': `#model_version:v2025.03.14,score_date:${day}T00:00:00+0000\ncve,epss,percentile\nCVE-2021-23337,0.94,0.99\n`,
      'low.csv': `#model_version:v2025.03.14,score_date:${day}T00:00:00+0000\ncve,epss,percentile\nCVE-2021-23337,0.0004,0.1\n`,
    }
    const seen = await scan({ layers: [npm(['lodash', '4.17.20'])], advisories: [lodash], inputs, files })
    expect(tableOf(seen).join('\n')).toMatch(expected)
  })
})

describe('the summary of the job', () => {
  const scene: Scene = { layers: [npm(['lodash', '4.17.20'], ['left', '1.0.0'])], advisories: [lodash, open] }

  it('has a table of the same, without columns that say nothing', async () => {
    expect(blocksOf(await scan(scene))).toEqual([
      {
        title: 'Findings (2)',
        columns: ['', 'severity', 'vulnerability', 'package', 'fix', 'brought by'],
        rows: [
          ['✗', 'critical 9.8', 'CVE-2021-23337', 'lodash 4.17.20', '→ 4.17.21', 'app/node_modules/lodash/package.json'],
          ['·', 'medium 5.3', 'CVE-2', 'left 1.0.0', 'no fix', 'app/node_modules/left/package.json'],
        ],
      },
    ])
  })

  it('has a table for what is excused, and one for what is not any more', async () => {
    const one = (id: string, expires: string): string => `  - {id: ${id}, reason: not reachable, owner: team-shop, expires: ${expires}}\n`
    const files = { 'e.yaml': `exceptions:\n${one('CVE-2', '2026-12-01')}${one('CVE-2021-23337', '2026-11-01')}` }
    const [, ...others] = blocksOf(await scan({ ...scene, files, inputs: { exceptions: 'e.yaml' } }))
    expect(others.map(({ title, rows }) => [title, rows])).toEqual([
      ['Expired exceptions (1)', [['CVE-2021-23337', 'pkg:npm/lodash@4.17.20', '2026-11-01', 'team-shop', 'not reachable']]],
      ['Excused (1)', [['CVE-2', 'pkg:npm/left@1.0.0', '2026-12-01', 'team-shop', 'not reachable']]],
    ])
  })

  it('ends where nobody reads on, and says where the rest is', async () => {
    const { summary } = await scan(crowd)
    expect(summary.flatMap((block) => (block.kind === 'table' ? [block.rows.length] : []))).toEqual([50])
    expect(summary.at(-1)).toEqual({ kind: 'text', text: '… 250 more in .slipway/outputs/scan/report' })
  })
})
