import { describe, expect, it } from '@jest/globals'
import { addRobot, addTeam, pushImage, pushIndex } from '../../../test/fakes/harbor/images.ts'
import { addScanner } from '../../../test/fakes/harbor/routes/scanners.ts'
import { madeUp, olderReport, type ScanPlan } from '../../../test/fakes/harbor/scans.ts'
import { credentialOf, harborScene } from '../../../test/fakes/harbor/scene.ts'
import { TaskError } from '../../base/errors.ts'
import { type HarborScan, type HarborScanRequest, scanWithHarbor } from './scan.ts'

const scene = harborScene()
const rights = ['scan:create', 'artifact:read', 'artifact-addition:read', 'scanner:read']
const admin = { username: 'admin', password: 'admin-Passw0rd' }
const plan: ScanPlan = { runs: 1000, ends: 4000, end: 'Success', vulnerabilities: madeUp }

/** An image in a project with a scanner, and a scan of it by a robot that may just that. */
async function pushed({ allowed = rights, metadata = {} }: { allowed?: readonly string[]; metadata?: Record<string, string> } = {}) {
  const { harbor, ports } = scene()
  const robot = addTeam(harbor, allowed, { metadata })
  addScanner(harbor.state)
  harbor.scans.script = () => plan
  const digest = await pushImage(harbor, 'team/deep/app')
  const request = { origin: harbor.url, repository: 'team/deep/app', digest, credential: credentialOf(robot) }
  const scan = (more: Partial<HarborScanRequest> = {}): Promise<HarborScan> =>
    scanWithHarbor({ ...request, ...more }, { ...ports, random: () => 0.5 })
  return { harbor, digest, scan, request }
}

/** An index of images for two platforms, and of an attestation manifest. */
async function pushTwoPlatforms(harbor: ReturnType<typeof scene>['harbor']) {
  const [amd64 = '', arm64 = '', attestation = ''] = await Promise.all(
    ['amd64', 'arm64', 'attestation'].map((seed) => pushImage(harbor, 'team/deep/app', { seed })),
  )
  const children = [
    { digest: amd64, os: 'linux', architecture: 'amd64' },
    { digest: arm64, os: 'linux', architecture: 'arm64' },
    { digest: attestation, os: 'unknown', architecture: 'unknown' },
  ]
  return { digest: await pushIndex(harbor, 'team/deep/app', { children }), amd64, arm64 }
}

const planned =
  (one: ScanPlan) =>
  ({ scans }: ReturnType<typeof scene>['harbor']): void => {
    scans.script = () => one
  }

const flaws = ({ reports }: HarborScan): unknown[] => reports.flatMap(({ document }) => Object(document).vulnerabilities)

describe('a scan by Harbor', () => {
  it('gives the report as the scanner wrote it, after what the wait took', async () => {
    const { scan, digest } = await pushed()
    const result = await scan()
    expect(result).toMatchObject({
      ...{ version: 'v2.15.2-0d9f3c5a', scanner: { name: 'LabScan', version: '1.2.3' }, run: { severity: 'Critical' }, sboms: [] },
      reports: [{ digest, mediaType: 'application/vnd.security.vulnerability.report; version=1.1' }],
    })
    expect(flaws(result)).toHaveLength(5)
    expect(scene().clock.slept.length).toBeGreaterThan(2)
  })

  it('reads no manifest from the registry, so a project that holds the image back lets it pass', async () => {
    const { scan, harbor } = await pushed({ metadata: { enable_content_trust_cosign: 'true', prevent_vul: 'true' } })
    harbor.log.length = 0
    await scan()
    expect(harbor.log.filter((line) => line.includes('/v2/'))).toEqual([])
  })

  it('takes the older report, too', async () => {
    const { scan, harbor } = await pushed()
    harbor.scans.produces = olderReport
    expect((await scan()).reports[0]?.mediaType).toBe(olderReport)
  })

  it('never takes an old result for a new one', async () => {
    const { scan, harbor } = await pushed()
    const first = await scan()
    harbor.scans.script = () => ({ ...plan, vulnerabilities: [] })
    const second = await scan()
    expect([flaws(first).length, flaws(second).length]).toEqual([5, 0])
    expect(second.run.report).not.toBe(first.run.report)
  })

  it('waits for the scan that somebody else began', async () => {
    const { scan, harbor } = await pushed()
    const [one, other] = await Promise.all([scan(), scan()])
    expect(one.run.report).toBe(other.run.report)
    expect(harbor.log.filter((line) => line.endsWith('/scan 202'))).toHaveLength(1)
  })

  it('takes no result for it that was there before', async () => {
    const { scan, harbor } = await pushed()
    const first = await scan()
    harbor.scans.script = () => ({ ...plan, vulnerabilities: [] })
    for (const again of await Promise.all([scan(), scan()])) {
      expect(again.run.report).not.toBe(first.run.report)
      expect(flaws(again)).toEqual([])
    }
  })

  it('asks again when parallel requests made Harbor fail', async () => {
    const { scan, harbor } = await pushed()
    harbor.scans.races = 2
    expect(flaws(await scan())).toHaveLength(5)
    expect(harbor.log.filter((line) => line.endsWith('/scan 500'))).toHaveLength(2)
  })

  describe.each([
    ['that scans an index itself', true],
    ['that scans the images of an index', false],
  ])('by a scanner %s', (_, takesIndexes) => {
    async function pushedIndex() {
      const { scan, harbor } = await pushed()
      harbor.scans.takesIndexes = takesIndexes
      const { digest, amd64, arm64 } = await pushTwoPlatforms(harbor)
      const late = (end: ScanPlan['end']): void => {
        harbor.scans.script = (asked) => (asked.digest === arm64 ? { ...plan, runs: 90_000, ends: 200_000, end } : plan)
      }
      return { harbor, scan: () => scan({ digest }), platforms: [amd64, arm64], late }
    }

    it('gives a report for each platform, and none for attestations', async () => {
      const { scan, platforms } = await pushedIndex()
      expect((await scan()).reports.map((report) => report.digest)).toEqual(platforms)
    })

    it('gives no platform’s report of before', async () => {
      const { scan, harbor } = await pushedIndex()
      expect(flaws(await scan())).toHaveLength(10)
      harbor.scans.script = () => ({ ...plan, vulnerabilities: [] })
      expect(flaws(await scan())).toEqual([])
    })

    it('waits for the platform that is scanned last', async () => {
      const { scan, late, platforms } = await pushedIndex()
      late('Success')
      expect((await scan()).reports.map((report) => report.digest)).toEqual(platforms)
    })

    it.each([
      ['could not be scanned', 'Error', 'SW-HARBOR-SCAN-FAILED'],
      ['somebody stopped the scan of', 'Stopped', 'SW-HARBOR-SCAN-STOPPED'],
    ] as const)('fails with the platform that %s', async (_reason, end, code) => {
      const { scan, late, platforms } = await pushedIndex()
      late(end)
      await expect(scan()).rejects.toMatchObject({ code, message: expect.stringContaining(platforms[1] ?? '-') })
    })

    it('asks no more about the others once one has failed', async () => {
      const { harbor, scan, platforms } = await pushedIndex()
      const fates = new Map<string, Partial<ScanPlan>>([
        [platforms[0] ?? '', { end: 'Error' }],
        [platforms[1] ?? '', { ends: 800_000 }],
      ])
      harbor.scans.script = ({ digest }) => ({ ...plan, ...fates.get(digest) })
      await expect(scan()).rejects.toMatchObject({ code: 'SW-HARBOR-SCAN-FAILED' })
      const asked = harbor.log.length
      await new Promise((resolve) => setTimeout(resolve, 300))
      // One question may have been underway.
      expect(harbor.log.length - asked).toBeLessThanOrEqual(1)
    })

    it('fails at once where the image is deleted meanwhile', async () => {
      const { harbor, scan } = await pushedIndex()
      const [began, polls] = [scene().clock.now(), 60_000]
      const patient = { ...plan, ends: 600_000 }
      const { sleep } = scene().clock
      harbor.scans.script = () => patient
      scene().clock.sleep = async (milliseconds) => {
        if (scene().clock.now() - began > 5000) for (const { artifacts } of harbor.state.repositories) artifacts.clear()
        await sleep(milliseconds)
      }
      await expect(scan()).rejects.toMatchObject({ code: 'SW-HARBOR-NOT-FOUND' })
      expect(scene().clock.now() - began).toBeLessThan(polls)
    })
  })

  it('has an SBOM made and reads it from the accessory', async () => {
    const { scan, harbor, digest } = await pushed({ allowed: [...rights, 'sbom:create'] })
    const { sboms } = await scan({ sbom: true })
    expect(sboms).toMatchObject([{ digest, accessory: expect.stringMatching(/^sha256:/) }])
    expect(JSON.parse(sboms[0]?.text ?? '')).toMatchObject({ spdxVersion: 'SPDX-2.3', name: digest })
    expect(harbor.log.some((line) => line.includes(`${sboms[0]?.accessory.replace(':', '%3A')}/additions/sbom 200`))).toBe(true)
  })

  it('has one made of each image of an index, and of no attestation manifest, where nobody may pull any', async () => {
    const guarded = { enable_content_trust_cosign: 'true', prevent_vul: 'true', auto_sbom_generation: 'true' }
    const { scan, harbor } = await pushed({ allowed: [...rights, 'sbom:create'], metadata: guarded })
    const { digest, amd64, arm64 } = await pushTwoPlatforms(harbor)
    const { sboms } = await scan({ digest, sbom: true })
    expect(sboms.map(({ digest, text }) => [digest, JSON.parse(text).name])).toEqual([amd64, arm64].map((digest) => [digest, digest]))
    expect(new Set(sboms.map(({ accessory }) => accessory)).size).toBe(2)
  })

  it('makes the SBOM anew, not the one before', async () => {
    const { scan } = await pushed({ allowed: [...rights, 'sbom:create'] })
    const [first, second] = [await scan({ sbom: true }), await scan({ sbom: true })]
    expect(second.sboms[0]?.accessory).not.toBe(first.sboms[0]?.accessory)
  })
})

describe('the age of the scanner’s database', () => {
  const day = 86_400_000

  it('is told to administrators, and to nobody else', async () => {
    const { scan } = await pushed()
    expect((await scan()).database).toBeUndefined()
    expect((await scan({ credential: credentialOf(admin) })).database).toBeGreaterThan(scene().clock.now() - 3 * day)
  })

  it('is no more than asked for', async () => {
    const { scan, harbor } = await pushed()
    harbor.state.settings.set('database_age_days', 40)
    const stale = scan({ credential: credentialOf(admin), databaseAge: 7 * day })
    await expect(stale).rejects.toMatchObject({
      code: 'SW-HARBOR-DATABASE-STALE',
      message: expect.stringContaining('40 days old, expected at most 7 days'),
    })
  })
})

describe('a scan that gives no report', () => {
  it.each<[string, (harbor: ReturnType<typeof scene>['harbor']) => void, string, RegExp]>([
    ['without a scanner', ({ state }) => void state.scanners.pop(), 'SW-HARBOR-NO-SCANNER', /no scanner for the project team/],
    ['that ends in an error', planned({ ...plan, end: 'Error' }), 'SW-HARBOR-SCAN-FAILED', /ended in an error/],
    ['that never begins', planned({ ...plan, runs: 1e9, ends: 1e9 }), 'SW-HARBOR-SCAN-LATE', /it is Pending/],
    ['that never ends', planned({ ...plan, ends: 1e9 }), 'SW-HARBOR-SCAN-LATE', /it is Running/],
    ['while the job service is down', ({ state }) => void state.down.add('jobservice'), 'SW-HARBOR-FAILED', /500 to 5 requests/],
  ])('%s', async (_, arrange, code, message) => {
    const { scan, harbor } = await pushed()
    arrange(harbor)
    const failed = await scan().catch((error: unknown) => error)
    expect(failed instanceof TaskError ? [failed.code, message.test(failed.message)] : failed).toEqual([code, true])
  })

  it('because somebody stopped it', async () => {
    const { harbor, digest, request } = await pushed()
    harbor.scans.script = () => ({ ...plan, ends: 1e9 })
    const artifact = harbor.state.repositories[0]?.artifacts.get(digest)
    const { ports } = scene()
    const doing = (what: string): void => {
      if (what.endsWith('running') && artifact !== undefined) harbor.scans.stop(artifact, 'vulnerability')
    }
    await expect(scanWithHarbor(request, { ...ports, progress: { doing } })).rejects.toMatchObject({ code: 'SW-HARBOR-SCAN-STOPPED' })
  })

  it('because it is no image', async () => {
    const { scan, harbor } = await pushed()
    const repository = harbor.state.repositories[0]
    const [digest] = [...(repository?.artifacts.keys() ?? [])]
    const known = repository?.artifacts.get(digest ?? '')
    if (known !== undefined && digest !== undefined) repository?.artifacts.set(digest, { ...known, type: 'UNKNOWN' })
    await expect(scan()).rejects.toMatchObject({ code: 'SW-HARBOR-SCAN-UNSUPPORTED' })
  })

  it.each([
    ['artifact:read', 'SW-HARBOR-DENIED'],
    ['scan:create', 'SW-HARBOR-DENIED'],
    ['artifact-addition:read', 'SW-HARBOR-DENIED'],
  ])('without the right %s names it', async (right, code) => {
    const { scan, harbor } = await pushed()
    const robot = addRobot(
      harbor,
      'team',
      rights.filter((other) => other !== right),
    )
    await expect(scan({ credential: credentialOf(robot) })).rejects.toMatchObject({ code, hint: `Give the account \`${right}\`.` })
  })

  it('of an image that was never pushed says so', async () => {
    const { scan } = await pushed()
    await expect(scan({ digest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({ code: 'SW-HARBOR-NOT-FOUND' })
  })

  it('by a robot that is disabled ends after two tries', async () => {
    const { scan, harbor } = await pushed()
    for (const robot of harbor.state.robots) robot.disabled = true
    harbor.log.length = 0
    await expect(scan()).rejects.toMatchObject({ code: 'SW-HARBOR-LOGIN' })
    expect(harbor.log).toHaveLength(2)
  })

  it('is needed of a repository in a project', async () => {
    const { scan } = await pushed()
    await expect(scan({ repository: 'app' })).rejects.toThrow(/names no project of Harbor/)
  })
})
