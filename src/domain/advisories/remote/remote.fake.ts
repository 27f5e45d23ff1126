import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeRecord } from '../../../../test/fakes/osv.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { quickClock } from '../../../io/fixtures/ports.ts'
import { createTransport } from '../../../io/transport.ts'
import type { Coordinates } from '../ecosystem.ts'
import type { RemotePorts } from './ports.ts'

const root = temporaryFolder()

/** When everything in these tests is asked. */
export const now = Date.parse('2026-11-22T00:00:00Z')

/** Ports with a folder of their own, real requests, and waits that take no time. */
export function remotePorts(folder = mkdtempSync(join(root, 'kept-'))): RemotePorts & { readonly lines: readonly string[] } {
  const clock = quickClock(now)
  const { ports, recorded } = fakePorts({ clock })
  const http = createTransport({ userAgent: 'test', clock, log: ports.log, signal: ports.signal })
  return { ...ports, http, folder, lines: recorded.lines }
}

export const npm = (name: string, version = '1.0.0'): Coordinates => ({
  ecosystem: 'npm',
  releases: [],
  names: [name],
  version,
  scheme: 'semver',
})

export const about = (id: string, name: string, more: Partial<FakeRecord> & { ecosystem?: string } = {}): FakeRecord => ({
  ...{ id, modified: '2026-11-20T00:00:00Z' },
  affected: [{ package: { ecosystem: more.ecosystem ?? 'npm', name }, versions: ['1.0.0'] }],
  ...more,
})

/** What every database has something to tell of. */
export const lodash = about('GHSA-lodash', 'lodash')
