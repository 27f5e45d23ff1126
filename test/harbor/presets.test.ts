/** The rights that we say a task needs are enough, and none of them too much. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readSbom } from '../../src/domain/harbor/images.ts'
import { addLabels } from '../../src/domain/harbor/labels.ts'
import { preflightHarbor } from '../../src/domain/harbor/preflight.ts'
import { applyProjects } from '../../src/domain/harbor/project/apply.ts'
import { parseProjectFile } from '../../src/domain/harbor/project/file.ts'
import { planProjects } from '../../src/domain/harbor/project/plan.ts'
import { readProject } from '../../src/domain/harbor/projects.ts'
import { type PresetName, presetNames, presets, rightsFor } from '../../src/domain/harbor/robots/presets.ts'
import { createRobot, deleteRobot, disableRobot, listRobots, readRobot } from '../../src/domain/harbor/robots/robots.ts'
import { scanWithHarbor } from '../../src/domain/harbor/scan.ts'
import { ensureScan } from '../../src/domain/harbor/wait.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import { temporaryFolder } from '../../src/io/fixtures/folder.ts'
import { execute } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { tasks } from '../../src/tasks/registry.ts'
import { type Account, addRobot, addTeam, pushImage } from '../fakes/harbor/images.ts'
import { addScanner } from '../fakes/harbor/routes/scanners.ts'
import { madeUp } from '../fakes/harbor/scans.ts'
import { credentialOf, harborScene } from '../fakes/harbor/scene.ts'
import { addProject } from '../fakes/harbor/state.ts'
import { isPermission } from '../fakes/harbor/vocabulary.ts'
import { writeImage } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'

const scene = harborScene()
const folder = temporaryFolder()
const admin = { username: 'admin', password: 'admin-Passw0rd' }
const keys = generateKeys('p256', 'password')

/** Where a robot works: a project with an image in it, signed, and another to promote to. */
async function open() {
  const { harbor, ports, clock, connect } = scene()
  addTeam(harbor, [])
  const [owner] = harbor.state.users
  if (owner !== undefined) addProject(harbor.state, 'prod', { owner })
  addScanner(harbor.state)
  harbor.scans.script = () => ({ runs: 100, ends: 200, end: 'Success', vulnerabilities: madeUp })
  const host = new URL(harbor.url).host
  const work = mkdtempSync(join(folder, 'work-'))
  for (const [name, text] of Object.entries({
    'cosign.key': keys.privateKey,
    'cosign.pub': keys.publicKey,
    'review.json': '{"by":["two"]}',
  }))
    writeFileSync(join(work, name), text)
  const layout = await createLayout(join(work, 'layout'))
  const { descriptor } = await writeImage(layout)
  const image = `${host}/team/app@${descriptor.digest}`
  const as = async (task: string, account: Account, inputs: Readonly<Record<string, string>>): Promise<string> => {
    const found = tasks.find(({ definition }) => definition.name === task)
    if (found === undefined) throw new Error(`there is no task ${task}`)
    const { ports: local, recorded } = fakePorts({ http: ports.http, clock })
    const given = new Map(Object.entries({ username: account.username, password: account.password, ...inputs }))
    const { failure } = await execute(found, { inputs: given, record: emptyRecord, ports: local })
    if (failure !== undefined) throw failure
    return recorded.lines.join('\n')
  }
  const key = { key: join(work, 'cosign.key'), 'key-password': 'password' }
  const pushes = { image: `${host}/team/app`, layout: join(work, 'layout'), digest: descriptor.digest }
  const signs = { image, ...key }
  return { harbor, ports, clock, connect, host, work, digest: descriptor.digest, image, as, key, pushes, signs }
}
type Place = Awaited<ReturnType<typeof open>>

const repository = { project: 'team', name: 'app' }
const pushed = async ({ as, pushes }: Place): Promise<string> => as('push', admin, pushes)
const signed = async (place: Place): Promise<void> => {
  await pushed(place)
  await place.as('sign', admin, place.signs)
}
const rotated = { kind: 'project', namespace: 'team', rights: rightsFor(['rotate']) } as const

interface Act {
  /** By the administrator, before. */
  readonly before?: (place: Place) => Promise<unknown>
  readonly work: (place: Place, robot: Account) => Promise<unknown>
  /** Where the robot belongs; default team. */
  readonly project?: string
}

/** A file of all that a robot may set, first and then otherwise. */
const projectFile = (color: string, { members = false } = {}): string => `
projects:
  team:
    metadata: { auto-scan: ${color === '#000001'}, reuse-sys-cve-allowlist: false }
    cve-allowlist: { items: [CVE-2026-0001] }
    labels: { stable: { color: '${color}' } }
    immutability: [{ tags: 'v*', disabled: ${color === '#000001'} }]
    webhooks: { ci: { url: 'https://ci.example.com/${color.slice(1)}', events: [PUSH_ARTIFACT] } }
${members ? '    quota: unlimited\n    members: { admin: project-admin }\n    robots: { ci: { permissions: [push] } }\n' : ''}`

const requestOf = ({ connect }: Place, robot: Account, text: string) => ({
  read: parseProjectFile(text, 'harbor.yaml'),
  harbor: connect(robot),
  prune: new Set<never>(),
  time: Date.now(),
})

const acts: Readonly<Record<PresetName, Act>> = {
  pull: {
    before: pushed,
    work: ({ as, host, image }, robot) => as('promote', admin, { from: image, to: `${host}/prod/app`, ...from(robot) }),
  },
  'promote-from': {
    before: signed,
    work: ({ as, host, image }, robot) => as('promote', admin, { from: image, to: `${host}/prod/app`, tags: '1', ...from(robot) }),
  },
  'promote-to': {
    before: signed,
    work: ({ as, host, image }, robot) => as('promote', robot, { from: image, to: `${host}/prod/app`, tags: '1', ...from(admin) }),
    project: 'prod',
  },
  push: { work: ({ as, pushes }, robot) => as('push', robot, { ...pushes, tags: '1.0, latest' }) },
  label: {
    before: pushed,
    work: ({ connect, digest }, robot) => addLabels(connect(robot), { repository, digest }, ['stable']),
  },
  sign: { before: pushed, work: ({ as, signs }, robot) => as('sign', robot, signs) },
  attest: {
    before: pushed,
    work: ({ as, signs, work }, robot) =>
      as('attest', robot, { ...signs, predicates: 'none', files: `https://example.com/review/v1=${join(work, 'review.json')}` }),
  },
  verify: { before: signed, work: ({ as, image, work }, robot) => as('verify', robot, { image, key: join(work, 'cosign.pub') }) },
  tag: {
    before: signed,
    work: ({ as, host, digest }, robot) => as('tag', robot, { image: `${host}/team/app`, digest, tags: '1.0' }),
  },
  scan: { before: pushed, work: (place, robot) => scanned(place, robot) },
  'harbor-sbom': {
    before: pushed,
    work: async (place, robot) => {
      const { connect, clock, digest } = place
      const harbor = connect(robot)
      const waiting = { harbor, clock, random: () => 0.5, until: clock.now() + 60_000, doing: () => undefined }
      const { run } = await ensureScan({ repository, digest }, 'sbom', waiting)
      if (run.digest === undefined) throw new Error('there is no SBOM')
      return readSbom(harbor, { repository, digest: run.digest })
    },
  },
  preflight: { work: (place, robot) => checked(place, robot) },
  'harbor-project-check': {
    work: async (place, robot) => planProjects(requestOf(place, robot, projectFile('#000001', { members: true }))),
  },
  'harbor-project-apply': {
    work: async (place, robot) => {
      for (const color of ['#000001', '#000002']) {
        const applied = await applyProjects(requestOf(place, robot, projectFile(color)))
        const failed = applied.find(({ error }) => error !== undefined)
        if (failed !== undefined) throw failed.error
      }
    },
  },
  rotate: {
    work: async ({ connect }, robot) => {
      const harbor = connect(robot)
      const { id } = await readProject(harbor, 'team')
      await listRobots(harbor, { level: 'project', project: { id, name: 'team' } })
      const made = await createRobot(harbor, { name: 'next', level: 'project', description: '', duration: 1, scopes: [rotated] })
      await disableRobot(harbor, await readRobot(harbor, made.id))
      await deleteRobot(harbor, made)
    },
  },
}

function from({ username, password }: Account) {
  return { 'from-username': username, 'from-password': password }
}

async function scanned({ harbor, ports, digest }: Place, robot: Account) {
  return scanWithHarbor({ origin: harbor.url, credential: credentialOf(robot), repository: 'team/app', digest }, ports)
}

async function checked({ harbor, ports }: Place, robot: Account) {
  const plan = { origin: harbor.url, credential: credentialOf(robot), repository: 'team/app', tags: ['1.0'], scan: true }
  return preflightHarbor(plan, ports)
}

describe.each(presetNames)('a robot with the preset %s', (name) => {
  const { before, work, project = 'team' } = acts[name]
  const { needs, tells }: { needs: readonly string[]; tells: readonly string[] } = presets[name]
  const doWith = async (rights: readonly string[]): Promise<unknown> => {
    const place = await open()
    await before?.(place)
    return work(place, addRobot(place.harbor, project, rights))
  }

  test('does its work', async () => {
    await expect(doWith(needs).then(() => 'done')).resolves.toBe('done')
    await expect(doWith(rightsFor([name])).then(() => 'done')).resolves.toBe('done')
  })

  test('has rights that Harbor knows', () => {
    const known = [...needs, ...tells].filter((right) => {
      const [resource = '', action = ''] = right.split(':')
      return isPermission('project', { resource, action })
    })
    expect(known).toEqual([...needs, ...tells])
  })

  if (needs.length > 0)
    test.each(needs)('fails without %s', async (right) => {
      await expect(doWith(needs.filter((one) => one !== right))).rejects.toThrow()
    })
})

/** What is told with a right and not without. */
const tellings: Readonly<Record<string, (robot: Account, place: Place) => Promise<string>>> = {
  'accessory:list': async (robot, place) => {
    await pushed(place)
    const lines = [await acts.sign.work(place, robot), await acts.attest.work(place, robot)].join('\n')
    return String(lines.includes('Harbor does not tell this account what it shows'))
  },
  'scan:read': async (robot, place) => {
    await pushed(place)
    place.harbor.scans.script = () => ({ runs: 100, ends: 200, end: 'Error', vulnerabilities: [] })
    return scanned(place, robot).then(() => '', String)
  },
  'quota:read': async (robot, place) =>
    JSON.stringify(await planProjects(requestOf(place, robot, projectFile('#000001', { members: true })))),
  'scanner:read': async (robot, place) => {
    await pushed(place)
    place.harbor.state.scanners.length = 0
    return `${await scanned(place, robot).then(() => '', String)} ${JSON.stringify(await checked(place, robot))}`
  },
}

describe('a right that only makes Harbor tell more', () => {
  const told = presetNames.flatMap((name) => presets[name].tells.map((right) => [name, right] as const))

  test.each(told.filter(([name]) => name !== 'preflight'))('%s: %s', async (name, right) => {
    const place = await open()
    const all = rightsFor([name, 'scan', 'sign'])
    const tell = tellings[right]
    const withIt = await tell?.(addRobot(place.harbor, 'team', all), place)
    const without = await tell?.(
      addRobot(
        place.harbor,
        'team',
        all.filter((one) => one !== right),
      ),
      place,
    )
    expect(stable(withIt)).not.toBe(stable(without))
  })

  test.each(told.filter(([name]) => name === 'preflight'))('%s: %s', async (name, right) => {
    const place = await open()
    const unknown = async (rights: readonly string[]): Promise<number> => {
      const checks = await checked(place, addRobot(place.harbor, 'team', rights))
      return checks.filter(({ verdict }) => verdict === 'unknown').length
    }
    await pushImage(place.harbor, 'team/app', { tag: '1.0' })
    expect(await unknown(rightsFor([name]))).toBe(0)
    expect(await unknown(rightsFor([name]).filter((one) => one !== right))).toBeGreaterThan(0)
  })
})

/** Without ids of requests and ports. */
function stable(text: string | undefined): string {
  return (text ?? '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '…')
}
