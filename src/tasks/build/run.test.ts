import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import { type Tree, tree } from '../../domain/build/fixtures/tree.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { openLayout, resolveEntry } from '../../domain/oci/layout.ts'
import { readBlob, readManifest } from '../../domain/oci/layout-blobs.ts'
import { connectRegistry } from '../../domain/oci/registry.ts'
import { parseImageConfig } from '../../domain/oci/schema.ts'
import { type Descriptor, type ImageConfig, type Manifest, mediaTypes } from '../../domain/oci/types.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { systemClock } from '../../io/clock.ts'
import { listen } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

interface Built extends Outcome {
  readonly recorded: Recorded
}

async function build(workspace: string, inputs: Record<string, Raw>, given: Partial<Ports> = {}): Promise<Built> {
  const files = {
    workspace,
    state: join(workspace, '.slipway'),
    temporary: () => Promise.reject(new Error('a build needs no temporary folder')),
  }
  const { ports, recorded } = fakePorts({ files, ...given })
  const outcome = await execute(
    { definition: task, load: async () => run },
    { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports },
  )
  return { ...outcome, recorded }
}

async function imageIn(workspace: string, digest?: string): Promise<{ manifest: Manifest; config: ImageConfig }> {
  const layout = await openLayout(join(workspace, '.slipway/layout'))
  const { content } = await readManifest(layout, await resolveEntry(layout, digest as Descriptor['digest'] | undefined))
  if (content.kind === 'index') throw new Error('expected a manifest')
  return { manifest: content.manifest, config: parseImageConfig(await readBlob(layout, content.manifest.config), 'the configuration') }
}

const platforms = 'linux/amd64, linux/arm64'
const silent = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

/** A registry that has a base image for two platforms; with `flip` it changes a byte of each layer that it gives. */
async function startRegistry({ flip = false } = {}) {
  const source = await tree({ 'etc/base': 'base', 'registry/': '' })
  const requests: string[] = []
  const handler = await createRegistry({ root: join(source.folder, 'registry'), log: silent })
  const server = await listen(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (flip && request.method === 'GET' && request.url?.includes('/blobs/')) {
      const write = response.write.bind(response)
      response.write = (piece: Buffer) => write(Buffer.from(piece).fill(piece.at(-1) === 0 ? 1 : 0, piece.length - 1))
    }
    await handler(request, response)
  })
  const http = createTransport({ userAgent: 'test', clock: systemClock(), log: silent, signal: new AbortController().signal })
  const pushed = await build(source.folder, { platforms, layers: 'etc:/etc', entrypoint: '["/entry"]', env: 'FROM=base' })
  const repository = connectRegistry(`127.0.0.1:${server.port}`, fakePorts({ http }).ports).repository('team/base')
  await copyFromLayout(await openLayout(join(source.folder, '.slipway/layout')), pushed.record.subject?.digest ?? 'sha256:', repository, {
    tags: ['1'],
  })
  return {
    http,
    requests,
    pushed,
    folder: source.folder,
    base: `127.0.0.1:${server.port}/team/base:1`,
    async [Symbol.asyncDispose]() {
      http.close()
      await server.close()
      await source[Symbol.asyncDispose]()
    },
  }
}

const folder: Tree = { 'run.sh': { text: '#!/bin/sh\n', mode: 0o755 } }
const start = { entrypoint: '["/app/run.sh"]' }

describe('building', () => {
  it('leaves the image in the layout, and everything that later tasks need in the record', async () => {
    await using workspace = await tree(folder)
    const { failure, outputs, record, headline, summary } = await build(
      workspace.folder,
      { ...start, platforms: 'linux/amd64' },
      { source: { repository: 'https://github.com/acme/app', commit: 'c0ffee' } },
    )
    expect(failure).toBeUndefined()
    const digest = outputs.get('digest') ?? ''
    expect(Object.fromEntries(outputs)).toEqual({ digest, image: 'oci:.slipway/layout:latest', layout: '.slipway/layout' })
    expect(record.subject).toEqual({
      digest,
      mediaType: mediaTypes.manifest,
      layout: '.slipway/layout',
      platforms: [{ platform: 'linux/amd64', digest, size: expect.any(Number) }],
      base: { name: 'scratch' },
      revision: 'c0ffee',
    })
    expect(record.own['build']).toMatchObject({
      engine: 'native',
      plan: 'folder',
      encoder: expect.stringMatching(/^zlib-.*\/gzip-1\/cut-1\//),
    })
    expect(headline).toMatch(/^sha256:[0-9a-f]{6}… · linux\/amd64 · 1 layer, 1 new · \d+ B$/)
    expect(summary.at(-1)).toMatchObject({
      title: 'Layers',
      rows: [['linux/amd64', 'files', '1', expect.stringMatching(/B$/), 'new', expect.stringMatching(/^sha256:/)]],
    })
  })

  it('asked to explain tells what it would make, to the digest, and makes nothing', async () => {
    await using workspace = await tree(folder)
    const { failure, outputs, record, headline, answer } = await build(workspace.folder, { ...start, explain: 'true' })
    expect(failure).toBeUndefined()
    expect([...outputs.values()]).toEqual(['', '', ''])
    expect(record).toEqual(emptyRecord)
    expect(await readdir(workspace.folder)).toEqual(['run.sh'])
    expect(headline).toMatch(/^one line changed sends \d+ B · 1 layer, \d+ B · plan folder: /)
    const digest = (await build(workspace.folder, start)).outputs.get('digest')
    expect(answer?.data).toMatchObject({
      images: [{ digest, entrypoint: ['/app/run.sh'], layers: [{ name: 'files', files: 1, size: 10 }] }],
    })
    expect(JSON.stringify(answer?.blocks)).toContain('One line changed in files sends')
  })

  it('again finds its layers, and gives the same digest', async () => {
    await using workspace = await tree(folder)
    const [first, second] = [await build(workspace.folder, start), await build(workspace.folder, start)]
    expect(second.outputs.get('digest')).toBe(first.outputs.get('digest'))
    expect(second.headline).toContain('1 layer, 0 new')
  })

  it('takes all settings as users write them', async () => {
    await using workspace = await tree(folder)
    const inputs = {
      entrypoint: '/app/run.sh\n--with=a,b',
      cmd: '["x y"]',
      env: 'A=1\nB=x=y',
      labels: 'team=shop',
      annotations: 'org.acme.x=1',
      ports: '8080, 53/udp',
      workdir: '/srv',
      user: '1000:1000',
      'stop-signal': 'SIGINT',
      'source-date-epoch': '1700000000',
    }
    expect((await build(workspace.folder, inputs)).failure).toBeUndefined()
    const { manifest, config } = await imageIn(workspace.folder)
    expect(manifest.annotations).toEqual({ 'org.acme.x': '1' })
    expect(config).toMatchObject({
      created: '2023-11-14T22:13:20Z',
      config: {
        Entrypoint: ['/app/run.sh', '--with=a,b'],
        Cmd: ['x y'],
        Env: ['A=1', 'B=x=y'],
        Labels: { team: 'shop' },
        ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
        WorkingDir: '/srv',
        User: '1000:1000',
        StopSignal: 'SIGINT',
      },
    })
  })

  test.each([
    [{ 'source-date-epoch': '5' }, '7', '1970-01-01T00:00:05Z'],
    [{}, '7', '1970-01-01T00:00:07Z'],
    [{}, undefined, '1970-01-01T00:00:00Z'],
  ])('created follows the input %j, then SOURCE_DATE_EPOCH %s', async (inputs, epoch, created) => {
    await using workspace = await tree(folder)
    await build(workspace.folder, { ...start, ...inputs }, { environment: { SOURCE_DATE_EPOCH: epoch } })
    expect((await imageIn(workspace.folder)).config.created).toBe(created)
  })

  it('warns of credentials, left out or taken', async () => {
    await using workspace = await tree({
      ...folder,
      'app/.env': 'A=1',
      'app/.npmrc': '//r/:_authToken=x',
      'app/.dockerignore': '!.npmrc\n',
      'app/run.sh': '',
    })
    const { recorded, summary } = await build(workspace.folder, { ...start, context: 'app' })
    expect(recorded.lines).toEqual([
      'warn a file with the name of a credential was left out of the image {"path":".env"}',
      'warn a file with the name of a credential is in the image {"path":".npmrc"}',
    ])
    expect(recorded.annotations).toEqual([expect.objectContaining({ level: 'warning', file: 'app/.npmrc' })])
    expect(JSON.stringify(summary)).toContain('Left out for their names, which are those of credentials: .env')
  })
})

describe('a base image', () => {
  it('is taken from a registry, platform by platform, and named in annotations and record', async () => {
    await using registry = await startRegistry()
    await using workspace = await tree(folder)
    const { failure, record } = await build(workspace.folder, { base: registry.base, platforms }, registry)
    expect(failure).toBeUndefined()
    const [below, own] = [registry.pushed.record.subject, record.subject]
    expect(own?.base).toEqual({ name: registry.base, digest: below?.digest })
    expect(own?.platforms).toHaveLength(2)
    for (const [index, { digest }] of (own?.platforms ?? []).entries()) {
      const under = below?.platforms[index]?.digest
      const [base, image] = [await imageIn(registry.folder, under), await imageIn(workspace.folder, digest)]
      expect(image.manifest.layers[0]).toEqual(base.manifest.layers[0])
      expect(image.config.rootfs.diff_ids[0]).toBe(base.config.rootfs.diff_ids[0])
      expect(image.config.history?.[0]).toEqual(base.config.history?.[0])
      expect(image.config.config).toMatchObject({ Entrypoint: ['/entry'], Env: ['FROM=base'], User: '65532:65532' })
      expect(image.manifest.annotations).toEqual({
        'org.opencontainers.image.base.name': registry.base,
        'org.opencontainers.image.base.digest': under,
      })
    }
  })

  it('has its layers fetched once', async () => {
    await using registry = await startRegistry()
    await using workspace = await tree(folder)
    const { record } = await build(workspace.folder, { base: registry.base, platforms }, registry)
    const { manifest } = await imageIn(workspace.folder, record.subject?.platforms[0]?.digest)
    const fetches = (): number =>
      registry.requests.filter((line) => line === `GET /v2/team/base/blobs/${manifest.layers[0]?.digest}`).length
    expect(fetches()).toBe(1)
    await build(workspace.folder, { base: registry.base, platforms }, registry)
    expect(fetches()).toBe(1)
  })

  it('whose layers stay where they are is said to, and none of them is new', async () => {
    await using registry = await startRegistry()
    await using workspace = await tree(folder)
    const inputs = { base: registry.base, platforms: 'linux/amd64', 'base-layers': 'registry' }
    const { headline, summary } = await build(workspace.folder, inputs, registry)
    expect(headline).toContain(' · 2 layers, 1 new · ')
    const state = (row: number) => Reflect.get(summary.at(-1) ?? {}, 'rows')[row][4]
    expect([state(0), state(1)]).toEqual([`at ${registry.base.replace(/:1$/, '')}`, 'new'])
  })

  test.each([
    ['a tag that is not there', ':2', '', 'SW-BUILD-BASE-MISSING', '/team/base:2 is not there'],
    ['a platform that it has not', ':1', 'linux/s390x', 'SW-BUILD-BASE-PLATFORM', 'it has linux/amd64, linux/arm64'],
  ])('with %s is refused', async (_, tag, wanted, code, message) => {
    await using registry = await startRegistry()
    await using workspace = await tree(folder)
    const { failure } = await build(workspace.folder, { base: registry.base.replace(':1', tag), platforms: wanted }, registry)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('whose bytes are changed on the way is refused, and nothing of it is kept', async () => {
    await using registry = await startRegistry({ flip: true })
    await using workspace = await tree(folder)
    const { failure } = await build(workspace.folder, { base: registry.base, platforms: 'linux/amd64' }, registry)
    expect(failure).toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
    await expect(imageIn(workspace.folder)).rejects.toMatchObject({ code: expect.stringMatching(/^SW-(?:LAYOUT|MANIFEST)-MISSING$/) })
  })

  it('is taken from a layout, by name or digest', async () => {
    await using base = await tree({ 'etc/base': 'base' })
    const first = await build(base.folder, { layers: 'etc:/etc', entrypoint: '["/entry"]' })
    const layout = `oci:${base.folder}/.slipway/layout`
    await using workspace = await tree(folder)
    const digests = []
    for (const text of [layout, `${layout}:latest`, `${layout}@${first.outputs.get('digest')}`])
      digests.push((await build(workspace.folder, { base: text })).outputs.get('digest'))
    expect(digests[0]).toMatch(/^sha256:/)
    expect(new Set(digests).size).toBe(1)
    const { manifest } = await imageIn(workspace.folder)
    // A path on this machine is no name for others.
    expect(manifest.annotations).toEqual({ 'org.opencontainers.image.base.digest': first.outputs.get('digest') })
    expect(manifest.layers).toHaveLength(2)
  })

  test.each([
    ['oci:nowhere', 'SW-BUILD-BASE-MISSING', 'The base oci:'],
    ['oci:.slipway/layout:none', 'SW-BUILD-BASE-MISSING', 'it has latest'],
    ['oci:x@sha256:1', 'SW-BUILD-SETTING', 'expected oci:PATH'],
    ['debian', 'SW-BUILD-SETTING', 'did you mean docker.io/library/debian?'],
    ['Scratch', 'SW-BUILD-SETTING', 'neither scratch, node-runtime'],
  ])('%s cannot be used', async (base, code, message) => {
    await using workspace = await tree(folder)
    await build(workspace.folder, start)
    expect((await build(workspace.folder, { ...start, base })).failure).toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('bad input', () => {
  test.each<[Record<string, Raw>, Partial<Ports>, string, string]>([
    [{ contxt: '.' }, {}, 'SW-INPUT-INVALID', 'did you mean `context`'],
    [{ engine: 'kaniko' }, {}, 'SW-INPUT-INVALID', 'auto, native'],
    [{ engine: 'buildah' }, {}, 'SW-DOCKERFILE-MISSING', 'has neither Dockerfile nor Containerfile'],
    [{ engine: 'native', target: 'app', 'build-args': 'A=1' }, {}, 'SW-ENGINE-INPUT', 'target, build-args are set'],
    [{ context: 'none' }, {}, 'SW-BUILD-CONTEXT-MISSING', 'none does not exist'],
    [{ ...start, user: 'root' }, {}, 'SW-BUILD-ROOT-USER', 'which is root'],
    [{ ...start, ports: 'http' }, {}, 'SW-BUILD-SETTING', '"http"'],
    [{ ...start, platforms: 'amd64' }, {}, 'SW-BUILD-SETTING', '"amd64"'],
    [start, { environment: { SOURCE_DATE_EPOCH: 'yesterday' } }, 'SW-BUILD-SETTING', 'SOURCE_DATE_EPOCH is "yesterday"'],
    [{}, {}, 'SW-BUILD-NO-ENTRYPOINT', 'Neither entrypoint nor cmd'],
  ])('%j %j', async (inputs, given, code, message) => {
    await using workspace = await tree(folder)
    const { failure, outputs } = await build(workspace.folder, inputs, given)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect([...outputs.values()]).toEqual(['', '', ''])
  })
})
