import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { addRobot, addTeam, pushImage } from '../../../test/fakes/harbor/images.ts'
import { addScanner } from '../../../test/fakes/harbor/routes/scanners.ts'
import { madeUp, type ScanPlan } from '../../../test/fakes/harbor/scans.ts'
import { harborScene } from '../../../test/fakes/harbor/scene.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const scene = harborScene()
const folder = temporaryFolder()
const rights = ['scan:create', 'artifact:read', 'artifact-addition:read', 'scanner:read', 'repository:pull']

interface Given {
  readonly plan?: Partial<ScanPlan>
  readonly inputs?: Readonly<Record<string, string>>
  readonly allowed?: readonly string[]
}

/** The task on an image in Harbor, with the login that `docker login` left. */
async function scan({ plan = {}, inputs = {}, allowed = rights }: Given = {}): Promise<Outcome> {
  const { harbor, ports: client } = scene()
  addTeam(harbor, [])
  const { username, password } = addRobot(harbor, 'team', allowed)
  addScanner(harbor.state)
  harbor.scans.script = () => ({ runs: 100, ends: 200, end: 'Success', vulnerabilities: madeUp, ...plan })
  const digest = await pushImage(harbor, 'team/app')
  const { host } = new URL(harbor.url)
  const home = mkdtempSync(join(folder, 'home-'))
  writeFileSync(
    join(home, 'config.json'),
    JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }),
  )
  const { ports } = fakePorts({ ...client, environment: { DOCKER_CONFIG: home } })
  const given = { digest, source: 'harbor', 'harbor-image': `${host}/team/app`, 'max-database-age': '90000d', ...inputs }
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(given)), record: emptyRecord, ports },
  )
}

const reportOf = ({ files }: Outcome): unknown => JSON.parse(files?.get('report') ?? '{}')

describe('the scanner of Harbor', () => {
  it('is a source like any other: its report goes before the gate', async () => {
    const seen = await scan()
    expect(seen.failure).toMatchObject({ code: 'SW-SCAN-REFUSED', message: expect.stringContaining('1 critical, 1 high') })
    expect(reportOf(seen)).toMatchObject({
      sources: [{ source: 'harbor', program: expect.stringMatching(/^harbor v2\.15.*LabScan 1\.2\.3$/) }],
      findings: expect.arrayContaining([
        expect.objectContaining({
          ...{ id: 'CVE-2026-0001', level: 'critical', purl: 'pkg:generic/openssl@3.0.1', fixed: ['3.0.9'] },
          claims: [expect.objectContaining({ source: 'harbor' })],
        }),
      ]),
    })
  })

  it('makes SBOMs too, where a folder for them is named', async () => {
    const home = mkdtempSync(join(folder, 'sboms-'))
    const { failure } = await scan({ plan: { vulnerabilities: [] }, inputs: { 'harbor-sboms': home }, allowed: [...rights, 'sbom:create'] })
    expect(failure).toBeUndefined()
    const [file, ...others] = readdirSync(home)
    expect([file, others]).toEqual([expect.stringMatching(/^sha256-[0-9a-f]{64}\.spdx\.json$/), []])
    const { spdxVersion, name } = JSON.parse(readFileSync(join(home, file ?? ''), 'utf8'))
    expect([spdxVersion, name]).toEqual(['SPDX-2.3', file?.replace('sha256-', 'sha256:').replace('.spdx.json', '')])
  })

  it('that finds nothing is what the gate lets pass', async () => {
    expect((await scan({ plan: { vulnerabilities: [] } })).failure).toBeUndefined()
  })

  test.each<readonly [string, Given, string]>([
    ['whose scan fails', { plan: { end: 'Error' } }, 'SW-HARBOR-SCAN-FAILED'],
    ['that does not let the account scan', { allowed: ['artifact:read'] }, 'SW-HARBOR-DENIED'],
    ['that does not let the account make SBOMs', { inputs: { 'harbor-sboms': 'sboms' } }, 'SW-HARBOR-DENIED'],
    ['without the name of the repository', { inputs: { 'harbor-image': '' } }, 'SW-INPUT-INVALID'],
  ])('%s ends the scan with a code, never clean', async (_, given, code) => {
    expect((await scan(given)).failure).toMatchObject({ code })
  })
})
