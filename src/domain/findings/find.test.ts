import { expect, test } from '@jest/globals'
import type { Advisory, Affected } from '../advisories/advisory.ts'
import { keyOf } from '../advisories/collect.ts'
import type { Answers } from '../advisories/database.ts'
import type { Package } from '../packages/package.ts'
import { findIn } from './find.ts'
import { digestOf, manifest } from './reports/scene.fake.ts'

const openssl: Package = {
  ...{ type: 'deb', name: 'openssl', version: '1.0', licenses: [], locations: [], purl: 'pkg:deb/ubuntu/openssl@1.0?distro=ubuntu-22.04' },
  ...{ arch: 'amd64', distro: { id: 'ubuntu', version: '22.04' } },
}
const entry = (ecosystem: string, severity: string, fixed: string): Affected => ({
  ...{ ecosystem, name: 'openssl', versions: [], ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }] },
  severities: [{ type: 'Ubuntu', value: severity }],
})
const advisory = (...affected: readonly Affected[]): Advisory => ({
  ...{ id: 'UBUNTU-CVE-2026-1', aliases: [], upstream: ['CVE-2026-1'], summary: '', modified: '2026-11-20T00:00:00Z', severities: [] },
  affected,
})
const answers = (one: Advisory): Answers => ({
  ...{ advisories: new Map([[keyOf('Ubuntu', 'openssl'), [one]]]), ecosystems: new Set(['Ubuntu:22.04:LTS']), dates: [] },
  ...{ records: 1, modified: one.modified, digest: digestOf('aa') },
})

test.each<readonly ['low' | 'high', 'low' | 'high']>([
  ['low', 'high'],
  ['high', 'low'],
])('the severity of a package is that of its own release: %s, where another is of %s', (own, other) => {
  const scanned = { subject: { digest: manifest, platform: 'linux/amd64' }, inventory: { packages: [openssl], unscannable: [] } }
  const found = findIn(scanned, answers(advisory(entry('Ubuntu:24.04:LTS', other, '9'), entry('Ubuntu:22.04:LTS', own, '2'))))
  expect(found).toMatchObject({ findings: [{ id: 'CVE-2026-1', level: own, fixed: ['2'] }], unscanned: [] })
})
