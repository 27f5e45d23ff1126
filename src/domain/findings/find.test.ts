import { expect, test } from '@jest/globals'
import type { Advisory } from '../advisories/advisory.ts'
import { keyOf } from '../advisories/collect.ts'
import type { Answers } from '../advisories/database.ts'
import type { Package } from '../packages/package.ts'
import { findIn } from './find.ts'

const advisory = (versions: readonly string[], events: Advisory['affected'][number]['ranges'][number]['events'] = []): Advisory => ({
  ...{ id: 'GHSA-1', aliases: [], upstream: [], summary: '', modified: '2026-01-01T00:00:00Z', severities: [] },
  affected: [
    { ecosystem: 'Go', name: 'example.com/app', versions, ranges: events.length === 0 ? [] : [{ type: 'SEMVER', events }], severities: [] },
  ],
})
const program = (version: string): Package => ({
  ...{ type: 'golang', namespace: 'example.com', name: 'app', version, licenses: [], locations: [] },
  purl: `pkg:golang/example.com/app${version === '' ? '' : `@${version}`}`,
})
const found = (one: Package, advisories: readonly Advisory[]) => {
  const answers: Answers = {
    ...{ advisories: new Map([[keyOf('Go', 'example.com/app'), advisories]]), ecosystems: new Set(['Go']), records: 1, dates: [] },
    ...{ modified: '2026-01-01T00:00:00Z', digest: `sha256:${'b'.repeat(64)}` },
  }
  const subject = { digest: `sha256:${'a'.repeat(64)}`, platform: 'linux/amd64' } as const
  return findIn({ subject, inventory: { packages: [one], unscannable: [] } }, answers)
}

test.each<[string, string, readonly Advisory[], readonly string[]]>([
  ['of which nobody has an advisory is clean, whatever its version', '', [], []],
  ['with a fix somewhere may be meant', '', [advisory([], [{ introduced: '1.0.0' }, { fixed: '1.2.0' }])], ['undetermined']],
  ['in a list may be meant', '', [advisory(['1.0.0'])], ['undetermined']],
  ['that was always affected is', '', [advisory([], [{ introduced: '0' }])], ['affected']],
  ['with a word for a version may be in a list', '(devel)', [advisory(['1.0.0'])], ['undetermined']],
  ['with a version that is not in it is not', '1.0.1', [advisory(['1.0.0'])], []],
])('a package without a version %s', (_, version, advisories, states) => {
  const { findings, unscanned } = found(program(version), advisories)
  expect([findings.map(({ state }) => state), unscanned]).toEqual([states, []])
})
