import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { addEntry, createLayout } from '../../domain/oci/layout.ts'
import { writeBlob, writeManifest } from '../../domain/oci/layout-blobs.ts'
import { type Descriptor, mediaTypes } from '../../domain/oci/types.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { systemClock } from '../../io/clock.ts'
import { type Listening, listen } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

interface Bench {
  readonly registry: Listening
  readonly image: Descriptor
  readonly requests: string[]
  /** Paths that it has no time for. */
  readonly busy: string[]
  /** With `version`, what the record says of the subject's. */
  push(inputs: Record<string, Raw>, version?: string, record?: Partial<ReleaseRecord>): Promise<Outcome>
  close(): Promise<void>
}

let bench: Bench

beforeEach(async () => {
  bench = await prepare()
})
afterEach(() => bench.close())

describe('pushing an image from its layout', () => {
  test.each<[string, 'pass' | 'fail', string | undefined]>([
    ['refused is not sent', 'fail', 'SW-GATE-REFUSED'],
    ['let through is', 'pass', undefined],
  ])('what a gate has %s', async (_, verdict, code) => {
    const severities = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 }
    const outcome = await bench.push({ tags: 'one' }, undefined, { findings: { subject: bench.image.digest, severities, verdict } })
    expect(outcome.failure).toEqual(code === undefined ? undefined : expect.objectContaining({ code }))
    expect(bench.requests.length > 0).toBe(verdict === 'pass')
  })

  test.each<[string, Record<string, Raw>, string | undefined, readonly string[]]>([
    ['a chart moves the tag of its version', {}, '1.4.0', ['1.4.0']],
    ['tags that are given stand in its place', { tags: 'stable' }, '1.4.0', ['stable']],
    ['an image moves none of its own', {}, undefined, []],
  ])('%s', async (_, inputs, version, tags) => {
    expect((await bench.push(inputs, version)).record.pushes).toMatchObject([{ tags }])
  })

  test('sends it by digest, moves the tags, and leaves both in the record', async () => {
    const outcome = await bench.push({ tags: 'one, two, one' })
    const image = `127.0.0.1:${bench.registry.port}/team/app`
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toEqual({
      image: `${image}@${bench.image.digest}`,
      images: `${image}@${bench.image.digest}`,
      digest: bench.image.digest,
    })
    expect(outcome.record.pushes).toEqual([{ image, digest: bench.image.digest, tags: ['one', 'two'] }])
    expect(await tagsAt(bench.registry)).toEqual(['one', 'two'])
    expect(outcome.summary).toEqual([
      { kind: 'text', text: `${image}@${bench.image.digest}\nTags: one, two` },
      expect.objectContaining({ kind: 'table', title: 'Push', rows: [['1', '0', '0', '2 B of 2 B']] }),
    ])
    expect(
      bench.requests.filter((line) => line.startsWith('PUT') && line.includes('/manifests/')).map((line) => line.replace(/.*\//, '')),
    ).toEqual([bench.image.digest, `${bench.image.digest}?tag=one&tag=two`])
  })

  test('sends nothing the second time', async () => {
    await bench.push({ tags: 'one' })
    bench.requests.length = 0
    const outcome = await bench.push({ tags: 'one' })
    expect(outcome.headline).toContain('all there already')
    expect(bench.requests.filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([])
  })

  test('to a second repository of the run mounts what the first has', async () => {
    await bench.push({})
    bench.requests.length = 0
    await bench.push({ image: `127.0.0.1:${bench.registry.port}/team/other` })
    expect(bench.requests.filter((line) => line.startsWith('POST'))).toEqual([expect.stringMatching(/mount=sha256.*from=team%2Fapp$/)])
    expect(bench.requests.filter((line) => /^PUT .*uploads/.test(line))).toEqual([])
  })

  test('sends blobs in chunks when asked, and those alone that are larger', async () => {
    expect((await bench.push({ 'chunk-size': '1B' })).failure).toBeUndefined()
    expect(bench.requests.filter((line) => line.startsWith('PATCH'))).toHaveLength(2)
  })

  test('leaves the tags to a later task when asked', async () => {
    const outcome = await bench.push({ tags: 'one', 'tags-last': 'true' })
    expect(outcome.record.pushes).toEqual([expect.objectContaining({ tags: [], wanted: ['one'] })])
    expect(await tagsAt(bench.registry)).toEqual([])
  })
})

test('labels of Harbor are refused at another registry before anything is pushed', async () => {
  const { failure } = await bench.push({ 'harbor-labels': 'tested' })
  expect(failure).toMatchObject({ code: 'SW-INPUT-INVALID', safe: 'nothing was pushed' })
  expect(bench.requests.filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([])
})

test('labels of a Harbor that is too busy to say what it is are not called a mistake', async () => {
  bench.busy.push('/api/v2.0/systeminfo')
  const { failure } = await bench.push({ 'harbor-labels': 'tested' })
  expect(failure).toMatchObject({ code: 'SW-HTTP-STATUS', exit: 6 })
  expect(bench.requests.filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([])
})

test('another registry is asked one question more, by the first push of a run only', async () => {
  const asked = (): readonly string[] => bench.requests.filter((line) => line.includes('/api/'))
  await bench.push({})
  expect(asked()).toEqual(['GET /api/v2.0/systeminfo'])
  await bench.push({})
  expect(asked()).toHaveLength(1)
})

describe('bad input is refused before anything is sent', () => {
  test.each<[string, Record<string, Raw>, string, string]>([
    ['a tag with a slash', { tags: 'feature/x' }, 'SW-PUSH-TAG', '"feature/x" cannot be a tag'],
    ['an empty image', { image: '' }, 'SW-INPUT-INVALID', 'image  is required'],
    ['an image without a registry', { image: 'team/app' }, 'SW-INPUT-INVALID', '"team/app"'],
    ['a project to make, and nobody to ask', { preflight: 'off', 'create-project': 'true' }, 'SW-INPUT-INVALID', 'preflight is off'],
    ['a password without a user', { password: 'x' }, 'SW-INPUT-INVALID', '`password` needs `username`'],
    ['a layout that is not there', { layout: 'nowhere' }, 'SW-LAYOUT-MISSING', 'nowhere'],
    [
      'chunks for Amazon',
      { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app', 'chunk-size': '50MiB' },
      'SW-REGISTRY-CHUNKS',
      'keeps only the first',
    ],
    ['a digest that the layout has not', { digest: `sha256:${'0'.repeat(64)}` }, 'SW-MANIFEST-MISSING', 'sha256:0000'],
  ])('%s', async (_, inputs, code, message) => {
    const outcome = await bench.push(inputs)
    expect(outcome.failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(bench.requests).toEqual([])
  })
})

async function prepare(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-push-'))
  const layout = await createLayout(join(folder, 'layout'))
  const config = { mediaType: mediaTypes.empty, ...(await writeBlob(layout, '{}')) }
  const image = await writeManifest(layout, { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [config] })
  await addEntry(layout, image)
  const { ports } = fakePorts({ files: { workspace: folder, state: join(folder, '.slipway'), temporary: () => Promise.resolve(folder) } })
  const requests: string[] = []
  const handler = await createRegistry({ root: join(folder, 'registry'), log: ports.log })
  const busy: string[] = []
  const registry = await listen(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (busy.includes(request.url ?? '')) response.writeHead(503, { 'retry-after': '60' }).end()
    else await handler(request, response)
  })
  const http = createTransport({ userAgent: 'test', clock: systemClock(), log: ports.log, signal: ports.signal })
  const given = { image: `127.0.0.1:${registry.port}/team/app`, layout: 'layout', digest: image.digest }
  const push = (inputs: Record<string, Raw>, version?: string, more: Partial<ReleaseRecord> = {}): Promise<Outcome> => {
    const subject = { digest: image.digest, mediaType: image.mediaType, layout: 'layout', platforms: [], version }
    const record = { ...emptyRecord, ...(version === undefined ? {} : { subject }), ...more }
    return execute(
      { definition: task, load: () => Promise.resolve(run) },
      { inputs: new Map(Object.entries({ ...given, ...inputs })), record, ports: { ...ports, http } },
    )
  }
  const close = async (): Promise<void> => {
    http.close()
    await registry.close()
  }
  return { registry, image, requests, busy, push, close }
}

async function tagsAt(registry: Listening): Promise<unknown> {
  const answer = await fetch(`${registry.url}/v2/team/app/tags/list`)
  return ((await answer.json()) as { tags: unknown }).tags
}
