import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { silent } from '../fakes/served-registry.ts'
import { newFolder } from '../models/folders.ts'
import { slipway } from './bundles.ts'
import { noise, workspaceWith } from './workspaces.ts'

/** Enough for a layer that takes a while to pack and does not arrive at once. */
const content = noise(600_000)
const tag = '/v2/team/app/manifests/1.0.0'

/** A workspace with a road to a registry of its own, and what happens on the way. */
interface Scene extends AsyncDisposable {
  readonly cwd: string
  /** Where killed runs leave what they could not remove. */
  readonly environment: { readonly TMPDIR: string }
  /** Past all that watches. */
  readonly url: string
  /** Called as a request comes, and again when it is answered. */
  onRequest: (request: string, phase: 'comes' | 'answered') => void
  /** Called with all that the run has printed. */
  onOutput: (stdout: string) => void
  /** What was not yet so when the tag was about to move. */
  readonly early: string[]
}

async function setScene(): Promise<Scene> {
  const registry = await createRegistry({ root: newFolder(), log: silent })
  const inner = await listen(registry)
  const outer = await listen(async (request, response) => {
    const line = `${request.method} ${request.url}`
    scene.onRequest(line, 'comes')
    if (line === `PUT ${tag}`) scene.early.push(...(await missing(scene)))
    await registry(request, response)
    scene.onRequest(line, 'answered')
  })
  const tasks = [
    { test: { command: ['true', 'x'], 'fail-on-no-tests': false } },
    { build: { context: 'app', base: 'scratch', plan: 'folder', entrypoint: '/app/run' } },
    { push: { image: `${outer.address}/team/app`, tags: ['1.0.0'] } },
  ]
  const cwd = workspaceWith({ 'slipway.yaml': JSON.stringify({ tasks }), 'app/run': content })
  const scene: Scene = {
    ...{ cwd, environment: { TMPDIR: newFolder() }, url: inner.url, early: [], onRequest: () => undefined, onOutput: () => undefined },
    async [Symbol.asyncDispose]() {
      await outer.close()
      await inner.close()
    },
  }
  return scene
}

/** What a tag needs before it may move, and is not there: the tasks before are done, and the registry has the whole image. */
async function missing({ cwd, url }: Scene): Promise<string[]> {
  const journal = readFileSync(join(cwd, '.slipway/journal.jsonl'), 'utf8')
  const tasks = ['test', 'build'].filter((task) => !journal.includes(`{"kind":"done","task":"${task}"`))
  const digest: string = JSON.parse(readFileSync(join(cwd, '.slipway/record.json'), 'utf8')).subject.digest
  return [...tasks, ...(await missingOf(`${url}/v2/team/app`, digest))]
}

async function missingOf(repository: string, digest: string): Promise<string[]> {
  const manifest = await fetch(`${repository}/manifests/${digest}`)
  if (!manifest.ok) return [digest]
  const { config, layers } = (await manifest.json()) as { config: { digest: string }; layers: { digest: string }[] }
  const blobs = [config, ...layers].map((blob) => blob.digest)
  const answers = await Promise.all(blobs.map((blob) => fetch(`${repository}/blobs/${blob}`, { method: 'HEAD' })))
  return blobs.filter((_, at) => answers[at]?.ok !== true)
}

/** Kills a run when the scene, once armed, says so. @returns whether it came to that */
async function killed(scene: Scene, arm: (kill: () => void, scene: Scene) => void): Promise<boolean> {
  const watching = (child: { kill(signal: 'SIGKILL'): void }, stdout: string): void => {
    if (stdout === '') arm(() => child.kill('SIGKILL'), scene)
    else scene.onOutput(stdout)
  }
  const { code } = await slipway(['run', '--json'], { ...scene, watch: watching })
  scene.onRequest = () => undefined
  return code === null
}

/** Where a run ends, whatever happened before it. */
async function outcome(scene: Scene) {
  const { code, stdout, stderr } = await slipway(['run', '--quiet'], scene)
  const digest = stdout.trim().split('@')[1]
  const moved = await fetch(scene.url + tag, { method: 'HEAD' })
  return {
    ...{ code, stderr, digest, tag: moved.headers.get('docker-content-digest'), early: scene.early },
    ...{ missing: await missing(scene), broken: brokenBlobs(join(scene.cwd, '.slipway/layout')) },
  }
}

/** Blobs of a layout that are not what their names say. */
function brokenBlobs(layout: string): string[] {
  const folder = join(layout, 'blobs/sha256')
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
  return readdirSync(folder).filter((name) => hash(name) !== name)
}

/** What every run must come to; and, of one that nobody disturbs, how many moments of each kind there are. */
async function undisturbed() {
  await using scene = await setScene()
  const requests: string[] = []
  scene.onRequest = (request, phase) => void (phase === 'comes' && requests.push(request))
  const began = performance.now()
  const { stdout } = await slipway(['run', '--json'], scene)
  const took = performance.now() - began
  scene.onRequest = () => undefined
  return { good: await outcome(scene), requests, lines: stdout.trim().split('\n').length, took }
}

const reference = undisturbed()

/** Kills a run at each of some moments, and runs it again. Where the moment is told from outside, a run may come to its end before. */
async function expectSurvival(
  moments: readonly number[],
  arm: (at: number) => Parameters<typeof killed>[1],
  isExact = false,
): Promise<void> {
  const { good } = await reference
  const rows: [number, boolean, object][] = []
  const waiting = [...moments]
  const work = async (): Promise<void> => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      await using scene = await setScene()
      const wasKilled = await killed(scene, arm(at))
      rows.push([at, wasKilled, await outcome(scene)])
    }
  }
  await Promise.all([work(), work(), work()])
  expect(rows).toEqual(rows.map(([at, wasKilled]) => [at, isExact || wasKilled, good]))
  expect(rows.some(([, wasKilled]) => wasKilled)).toBe(true)
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)
const timeLimit = 600_000

it('a run that nobody disturbs moves the tag when all else is there', async () => {
  const { good, requests } = await reference
  const digest = expect.stringMatching(/^sha256:/)
  expect(good).toEqual({ code: 0, stderr: '', digest, tag: digest, early: [], missing: [], broken: [] })
  expect([good.tag, requests.includes(`PUT ${tag}`)]).toEqual([good.digest, true])
})

describe('a run that was killed, and is run again, gives the same image and tag; the tag has not moved before all else, killed', () => {
  it.each([
    ['as it comes', 'comes', /./],
    ['that writes, as it is answered', 'answered', /^P/],
  ] as const)(
    'at each request %s',
    async (_, when, which) => {
      const { requests } = await reference
      const moments = upTo(requests.filter((request) => which.test(request)).length)
      const arm = (at: number) => {
        let count = 0
        return (kill: () => void, scene: Scene): void => {
          scene.onRequest = (request, phase) => {
            if (phase === when && which.test(request)) count += 1
            if (count === at) kill()
          }
        }
      }
      await expectSurvival(moments, arm, true)
    },
    timeLimit,
  )

  it(
    'after every other line of its events',
    async () => {
      const { lines } = await reference
      const moments = upTo(lines - 1).filter((at) => at % 2 === 1)
      await expectSurvival(moments, (at) => (kill, scene) => {
        scene.onOutput = (stdout) => void (stdout.split('\n').length > at && kill())
      })
    },
    timeLimit,
  )

  it(
    'at each change of its journal and record',
    async () => {
      await expectSurvival(upTo(8), (at) => (kill, { cwd }) => {
        mkdirSync(join(cwd, '.slipway'))
        let count = 0
        const watching = watch(join(cwd, '.slipway'), (_, name) => {
          if (name === 'journal.jsonl' || name === 'record.json') count += 1
          if (count < at) return
          kill()
          watching.close()
        })
      })
    },
    timeLimit,
  )

  it(
    'at any time',
    async () => {
      const { took } = await reference
      // The first is long before the end, however slow the machine was while the others were timed.
      const times = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8].map((part) => Math.round(took * part))
      await expectSurvival(times, (at) => (kill) => void setTimeout(kill, at))
    },
    timeLimit,
  )
})

it(
  'killed again and again, ever later, it comes to the same end',
  async () => {
    const { good, took } = await reference
    await using scene = await setScene()
    for (const part of [0.3, 0.5, 0.6, 0.7, 0.8, 0.9]) await killed(scene, (kill) => void setTimeout(kill, took * part))
    expect(await outcome(scene)).toEqual(good)
  },
  timeLimit,
)

it('a run that was killed is also resumed, after the last task that was done', async () => {
  const { good } = await reference
  await using scene = await setScene()
  const wasKilled = await killed(scene, (kill) => {
    // The preflight asks what the registry is before the first task.
    scene.onRequest = (request) => (request.includes('/team/app/') ? kill() : undefined)
  })
  const { code, stdout } = await slipway(['resume'], scene)
  expect([wasKilled, code, stdout.match(/^= \w+ .*unchanged$/gm)?.length, scene.early]).toEqual([true, 0, 2, []])
  expect(await outcome(scene)).toEqual(good)
})
