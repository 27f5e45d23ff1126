import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { imageOf, type LayerFiles } from '../../domain/packages/image.fake.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { createProcesses } from '../../io/process.ts'
import { npm, type Scanned, scan } from './scene.fake.ts'

const folder = temporaryFolder()
const layers: readonly LayerFiles[] = [npm(['lodash', '4.17.20'])]
const { image } = await imageOf(mkdtempSync(join(folder, 'layout-')), layers)
const advisories = [{ id: 'GHSA-1', modified: '2026-11-20T00:00:00Z', affected: [{ package: { ecosystem: 'npm', name: 'other' } }] }]

/** A scan by the advisories and by a program in place of trivy, which says this of itself and finds nothing. */
function scanBy(about: object, source: string): Promise<Scanned> {
  const path = join(mkdtempSync(join(folder, 'program-')), 'trivy')
  const report = { SchemaVersion: 2, Metadata: { RepoDigests: [`r@${image.descriptor.digest}`] }, Results: [{ Class: 'lang-pkgs' }] }
  const answer = `process.argv[2] === 'version' ? console.log(${JSON.stringify(JSON.stringify({ Version: '0.68.1', ...about }))})`
  const write = `require('fs').writeFileSync(process.argv.find((one) => one.endsWith('report.json')), ${JSON.stringify(JSON.stringify(report))})`
  writeFileSync(path, `#!${process.execPath}\n${answer} : ${write}\n`, { mode: 0o755 })
  const { ports } = fakePorts()
  const { signal, log, files } = ports
  const run = createProcesses({
    environment: { PATH: process.env['PATH'] },
    workspace: files.workspace,
    signal,
    log,
    redactor: new Redactor(),
  })
  return scan({ layers, advisories, inputs: { source, 'trivy-program': path }, ports: { ...ports, process: run } })
}

test.each<readonly [string, object, string, string | undefined]>([
  ['of today passes', { VulnerabilityDB: { UpdatedAt: '2026-11-21T06:11:26.131395267Z' } }, 'osv,trivy', undefined],
  ['that is old does not pass', { VulnerabilityDB: { UpdatedAt: '2026-01-01T00:00:00Z' } }, 'osv,trivy', 'trivy'],
  ['of unknown age does not pass', {}, 'trivy', 'the age of the database is not known'],
  ['of unknown age does not pass, however new what others know is', {}, 'osv,trivy', 'the age of trivy is not known'],
])('a scanner with a database %s', async (_, about, source, why) => {
  const { failure } = await scanBy(about, source)
  if (why === undefined) expect(failure).toBeUndefined()
  else expect(failure).toMatchObject({ code: 'SW-SCAN-REFUSED', message: expect.stringContaining(why) })
})
