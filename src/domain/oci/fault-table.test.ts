import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { sha256 } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { Http } from '../../spec/ports.ts'
import { knownFaults } from '../registry/faults/known-faults.ts'
import type { Action, Match, Phase, Rule } from '../registry/faults/rule.ts'
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

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
  layout = await createLayout(join(folder, 'layout'))
  image = await writeImage(layout, [Buffer.alloc(300_000, 'layer')])
})
beforeEach(async () => {
  registry = await startFakeRegistry({ auth: { mode: 'bearer', ...credential } })
  const { status } = await fetch(`${registry.inner}/v2/team/app/manifests/v1`, {
    method: 'PUT',
    headers: { 'content-type': mediaTypes.index },
    body: before,
  })
  expect(status).toBe(201)
})
afterEach(async () => {
  await registry[Symbol.asyncDispose]()
})
afterAll(() => rm(folder, { recursive: true }))

/** What a person sees of a push: `pushed`, or the code of the error and the status that the process ends with. */
async function push(rule: Rule, chunkSize: number | undefined): Promise<string> {
  registry.fail(rule)
  using client = testClient()
  // Silence is real time, so there is less of it; everything else waits on a clock that does not.
  const haste = rule.action === 'stall' ? { idleTimeout: 250, deadline: 4000 } : {}
  const http: Http = { request: (request) => client.ports.http.request({ ...request, ...haste }) }
  const repository = connectRegistry(registry.address, { ...client.ports, http }, { credential, chunkSize }).repository('team/app')
  try {
    await copyFromLayout(layout, image.descriptor.digest, repository, { tags: ['v1'] })
    return 'pushed'
  } catch (error) {
    if (error instanceof TaskError) return `${error.code} ${error.exit}`
    throw error
  }
}

/** Where the tag points, asked behind all faults. */
async function tagged(): Promise<'before' | 'image' | undefined> {
  const { headers } = await fetch(`${registry.inner}/v2/team/app/manifests/v1`, { method: 'HEAD' })
  const digest = headers.get('docker-content-digest')
  return digest === sha256(before) ? 'before' : digest === image.descriptor.digest ? 'image' : undefined
}

interface Request {
  readonly on: Match
  readonly hasBody?: boolean
  readonly hasAnswer?: boolean
  readonly chunkSize?: number
}

const requests: Readonly<Record<string, Request>> = {
  'HEAD of a blob': { on: { request: 'blob-head' } },
  'POST of an upload': { on: { request: 'upload-post' } },
  'PUT of a blob': { on: { request: 'upload-put' }, hasBody: true },
  'PATCH of a chunk': { on: { request: 'upload-patch' }, hasBody: true, chunkSize: 100_000 },
  'PUT after chunks': { on: { request: 'upload-put' }, chunkSize: 100_000 },
  'PUT of the manifest': { on: { line: /^PUT .*manifests\/sha256/ }, hasBody: true },
  'GET of the manifest': { on: { request: 'manifest-get' }, hasAnswer: true },
  'HEAD of the tag': { on: { line: /^HEAD .*manifests\/v1/ } },
  'PUT of the tag': { on: { line: /^PUT .*manifests\/v1/ }, hasBody: true },
  'token question': { on: { request: 'token' }, hasAnswer: true },
}

/** Statuses that are waited out as 503 is. */
const likewise = [408, 425, 499, 500, 504, 522].map((status) => [String(status), { action: 'status', status }] as const)
/** What may go away by itself: it is waited out, and when it does not go away the end says so. */
const transient: readonly (readonly [string, Action & { readonly phase?: Phase }])[] = [
  ['503', { action: 'status', status: 503 }],
  ['429 with Retry-After', knownFaults['too-many-requests']],
  ['502 of a proxy', knownFaults['bad-gateway']],
  ['a reset', { action: 'reset' }],
  ['a closed connection', { action: 'cut' }],
  ['silence', { action: 'stall' }],
]
const within: readonly (readonly [string, Action & { readonly phase: Phase }])[] = [
  ['a reset within the body', { action: 'reset', phase: 'body' }],
  ['a closed connection within the body', { action: 'cut', phase: 'body' }],
  ['silence within the body', { action: 'stall', phase: 'body' }],
]
const withinAnswer: readonly (readonly [string, Action & { readonly phase: Phase }])[] = [
  ['a reset within the answer', { action: 'reset', phase: 'answer' }],
  ['a closed connection within the answer', { action: 'cut', phase: 'answer' }],
  ['silence within the answer', { action: 'stall', phase: 'answer' }],
]
/** The request took effect, and nobody heard of it. */
const afterEffect: readonly (readonly [string, Action & { readonly phase: Phase }])[] = [
  ['a reset after the effect', { action: 'reset', phase: 'after' }],
  ['502 after the effect', { action: 'status', status: 502, phase: 'after' }],
]

const ruleOf = (name: string, action: Action & { readonly phase?: Phase }, { on }: Request, times?: number): Rule => ({
  ...{ name, on, ...action },
  ...(times === undefined ? {} : { times }),
})

describe.each(Object.entries(requests))('%s', (_, request) => {
  const lasting = [...transient, ...(request.hasBody === true ? within : []), ...(request.hasAnswer === true ? withinAnswer : [])]

  test.each([...lasting, ...likewise, ...afterEffect])('%s, once: pushed', async (name, action) => {
    expect(await push(ruleOf(name, action, request, 1), request.chunkSize)).toBe('pushed')
    expect(await tagged()).toBe('image')
  })

  test.each(lasting)('%s, without end: unreachable, and the tag where it was', async (name, action) => {
    expect(await push(ruleOf(name, action, request), request.chunkSize)).toBe('SW-REGISTRY-UNREACHABLE 6')
    expect(await tagged()).toBe('before')
  })
})

describe('what is not true', () => {
  const lies: readonly (readonly [keyof typeof knownFaults, string, string])[] = [
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

  test.each(lies)('%s at the %s: %s, and the tag where it was', async (name, where, outcome) => {
    const rule = ruleOf(name, knownFaults[name], requests[where] as Request)
    // In the body of the request, not in an answer that has none.
    const corrupting = rule.action === 'corrupt' && where.startsWith('PUT') ? { ...rule, phase: 'body' as const } : rule
    expect(await push(corrupting, requests[where]?.chunkSize)).toBe(outcome)
    expect(await tagged()).toBe('before')
  })
})
