import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { writeImage } from '../../../test/fakes/image.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { sha256 } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { Http, HttpRequest } from '../../spec/ports.ts'
import { type FaultName, faultNames, faultRule, phasesOfFault } from '../registry/faults/known-faults.ts'
import { requestKindOf } from '../registry/faults/request-kind.ts'
import type { Match, Phase, Rule } from '../registry/faults/rule.ts'
import { copyFromLayout } from './copy.ts'
import { createLayout, type Layout } from './layout.ts'
import type { Loaded } from './layout-blobs.ts'
import { connectRegistry } from './registry.ts'
import { mediaTypes } from './types.ts'

const credential = { username: 'robot', password: 'secret' }
/** What the tag points to before each push. */
const before = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] })
let folder: string
let layout: Layout
let image: Loaded
let registry: FakeRegistry
/** Each push has a repository of its own, so that many can share a registry. */
let path: string
let pushes = 0
/** Of one registry; each brings rules that all its requests are compared with. */
const mostPushes = 200

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
  layout = await createLayout(join(folder, 'layout'))
  image = await writeImage(layout, [Buffer.alloc(300_000, 'layer')])
})
beforeEach(async () => {
  if (pushes % mostPushes === 0) {
    await registry?.[Symbol.asyncDispose]()
    registry = await startFakeRegistry({ auth: { mode: 'bearer', ...credential }, clock: fakeClock() })
  }
  pushes += 1
  path = `team/app-${pushes}`
  const { status } = await fetch(`${registry.inner}/v2/${path}/manifests/v1`, {
    method: 'PUT',
    headers: { 'content-type': mediaTypes.index },
    body: before,
  })
  expect(status).toBe(201)
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Every row so many times: `FAULT_RUNS=50` looks for outcomes that depend on chance. */
const runs = Number(process.env['FAULT_RUNS'] ?? 1)
const repeated = <Row>(rows: readonly Row[]): readonly Row[] => Array.from({ length: runs }, () => rows).flat()

/** What a person sees of a push: `pushed`, or the code of the error and the status that the process ends with. */
async function push(rule: Rule, chunkSize: number | undefined): Promise<string> {
  registry.fail({ ...rule, on: { ...rule.on, path: new RegExp(`team(?:/|%2F)app-${pushes}\\b`) } })
  using client = testClient()
  // Silence is real time, so there is less of it, where it is meant only; everything else waits on clocks that do not.
  // Where the next attempt is to be heard, a busy machine must have the time to answer it.
  const haste = rule.times === undefined ? { idleTimeout: 60, deadline: 2500 } : { idleTimeout: 1000, deadline: 60_000 }
  const isMeant = (request: HttpRequest): boolean => rule.action === 'stall' && isOn(rule.on, request)
  const http: Http = { request: (request) => client.ports.http.request({ ...request, ...(isMeant(request) ? haste : {}) }) }
  const repository = connectRegistry(registry.address, { ...client.ports, http }, { credential, chunkSize }).repository(path)
  try {
    await copyFromLayout(layout, image.descriptor.digest, repository, { tags: ['v1'] })
    return 'pushed'
  } catch (error) {
    if (error instanceof TaskError) return `${error.code} ${error.exit}`
    throw error
  }
}

/** Whether a request is one that a rule of this table is about. */
function isOn({ request, line }: Match, { method, url }: HttpRequest): boolean {
  const { pathname, search, searchParams: query } = new URL(url)
  return (
    line?.test(`${method} ${pathname}${search}`) ??
    (request === 'token' ? pathname === '/token' : requestKindOf({ method, path: pathname, query }) === request)
  )
}

/** Where the tag points, asked behind all faults. */
async function tagged(): Promise<'before' | 'image' | undefined> {
  const { headers } = await fetch(`${registry.inner}/v2/${path}/manifests/v1`, { method: 'HEAD' })
  const digest = headers.get('docker-content-digest')
  return digest === sha256(before) ? 'before' : digest === image.descriptor.digest ? 'image' : undefined
}

interface Request {
  readonly on: Match
  readonly hasBody?: boolean
  readonly hasAnswer?: boolean
  /** The first with its scope: its token is new, so that a refusal of it is final. */
  readonly isFirst?: boolean
  /** It reads back what the tag points to, which has moved by then. */
  readonly isAfterMove?: boolean
  readonly chunkSize?: number
}

const requests: Readonly<Record<string, Request>> = {
  'HEAD of a blob': { on: { request: 'blob-head' }, isFirst: true },
  'POST of an upload': { on: { request: 'upload-post' } },
  'PUT of a blob': { on: { request: 'upload-put' }, hasBody: true },
  'PATCH of a chunk': { on: { request: 'upload-patch' }, hasBody: true, chunkSize: 100_000 },
  'PUT after chunks': { on: { request: 'upload-put' }, chunkSize: 100_000 },
  'PUT of the manifest': { on: { line: /^PUT .*manifests\/sha256/ }, hasBody: true },
  'GET of the manifest': { on: { line: /^GET .*manifests\/sha256/ }, hasAnswer: true, isFirst: true },
  'HEAD of the tag': { on: { line: /^HEAD .*manifests\/v1/ } },
  'GET of the tag': { on: { line: /^GET .*manifests\/v1/ }, hasAnswer: true, isAfterMove: true },
  'PUT of the tag': { on: { line: /^PUT .*manifests\/v1/ }, hasBody: true },
  'token question': { on: { request: 'token' }, hasAnswer: true, isFirst: true },
}

/** How a push ends with a fault: it waits until the fault is over, does not mind it, or fails at once (the table at the end). */
const outcomes = {
  'too-many-requests': 'waits',
  'internal-error': 'waits',
  'bad-gateway': 'waits',
  unavailable: 'waits',
  reset: 'waits',
  cut: 'waits',
  stall: 'waits',
  'token-expired': 'renews',
  delay: 'does not mind',
  slow: 'does not mind',
  'no-digest-header': 'does not mind',
  warning: 'does not mind',
  stale: 'does not mind',
  denied: 'fails',
  'not-found': 'fails',
  'too-large': 'fails',
  'upload-unknown': 'fails',
  'blob-unknown': 'fails',
  'flipped-bit': 'fails',
  truncated: 'fails',
  'too-long': 'fails',
  'wrong-digest-header': 'fails',
  'no-location': 'fails',
  'silently-dropped': 'fails',
  'forgotten-after-head': 'fails',
} as const satisfies Readonly<Record<FaultName, 'waits' | 'renews' | 'does not mind' | 'fails'>>

/** Statuses of which every request is tried with one of each kind: all others are waited out by the same few lines (below). */
const alike: readonly FaultName[] = ['internal-error', 'bad-gateway']

/** Each fault of an outcome in each of its phases that the request has. */
function rowsOf(request: Request, outcome: (typeof outcomes)[FaultName]): readonly (readonly [FaultName, Phase])[] {
  const has = { before: true, body: request.hasBody === true, after: true, answer: request.hasAnswer === true }
  return faultNames
    .filter((name) => outcomes[name] === outcome && !alike.includes(name))
    .flatMap((name) =>
      phasesOfFault(name)
        .filter((phase) => has[phase])
        .map((phase) => [name, phase] as const),
    )
}

describe.each(Object.entries(requests))('%s', (_, request) => {
  const { on, chunkSize, hasBody = false, isAfterMove = false, isFirst = false } = request
  const waits = rowsOf(request, 'waits')
  const once = [...waits, ...(hasBody ? rowsOf(request, 'does not mind') : []), ...(isFirst ? [] : rowsOf(request, 'renews'))]

  test.each(repeated(once))('%s (%s), once: pushed', async (name, phase) => {
    expect(await push(faultRule(name, on, { phase, times: 1 }), chunkSize)).toBe('pushed')
    expect(await tagged()).toBe('image')
  })

  // An effect that nobody hears of is an effect all the same: in the phase after it a tag may have moved.
  test.each(repeated(waits.filter(([, phase]) => phase !== 'after')))(
    '%s (%s), without end: unreachable, and the tag where it was',
    async (name, phase) => {
      expect(await push(faultRule(name, on, { phase }), chunkSize)).toBe('SW-REGISTRY-UNREACHABLE 6')
      expect(await tagged()).toBe(isAfterMove ? 'image' : 'before')
    },
  )
})

test.each(repeated([408, 425, 499, 500, 502, 504, 522]))('%i is waited out as 503 is', async (status) => {
  expect(await push({ name: 'status', on: { request: 'upload-put' }, action: 'status', status, times: 1 }, undefined)).toBe('pushed')
  expect(await tagged()).toBe('image')
})

describe('what is not true', () => {
  const lies: readonly (readonly [FaultName, string, string])[] = [
    ['flipped-bit', 'GET of the manifest', 'SW-DIGEST-MISMATCH 4'],
    ['truncated', 'GET of the manifest', 'SW-DIGEST-MISMATCH 4'],
    ['too-long', 'GET of the manifest', 'SW-DIGEST-MISMATCH 4'],
    ['wrong-digest-header', 'GET of the manifest', 'SW-DIGEST-MISMATCH 4'],
    ['wrong-digest-header', 'PUT of the manifest', 'SW-PUSH-NOT-VERIFIED 4'],
    ['silently-dropped', 'PUT of a blob', 'SW-PUSH-NOT-VERIFIED 4'],
    ['silently-dropped', 'PATCH of a chunk', 'SW-REGISTRY-CHUNKS 2'],
    ['silently-dropped', 'PUT of the manifest', 'SW-PUSH-NOT-VERIFIED 4'],
    ['silently-dropped', 'PUT of the tag', 'SW-PUSH-NOT-VERIFIED 4'],
    ['flipped-bit', 'PUT of a blob', 'SW-DIGEST-MISMATCH 4'],
    ['no-location', 'POST of an upload', 'SW-REGISTRY-REFUSED 4'],
    ['denied', 'POST of an upload', 'SW-REGISTRY-DENIED 4'],
    ['denied', 'PUT of the tag', 'SW-REGISTRY-DENIED 4'],
    ['denied', 'token question', 'SW-REGISTRY-DENIED 4'],
    ['too-large', 'PUT of a blob', 'SW-REGISTRY-REFUSED 4'],
    ['blob-unknown', 'PUT of the manifest', 'SW-BLOB-MISSING 4'],
  ]

  test.each(repeated(lies))('%s at the %s: %s, and the tag where it was', async (name, where, outcome) => {
    const { on, chunkSize } = requests[where] as Request
    // In the body of the request, not in an answer that has none.
    const phase = name === 'flipped-bit' && where.startsWith('PUT') ? 'body' : phasesOfFault(name)[0]
    expect(await push(faultRule(name, on, { phase: phase ?? 'before' }), chunkSize)).toBe(outcome)
    expect(await tagged()).toBe('before')
  })
})
