import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { tree } from '../../domain/build/fixtures/tree.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { connectRegistry } from '../../domain/oci/registry.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { systemClock } from '../../io/clock.ts'
import { listen } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { build, folder, imageIn, platforms, start } from './fixtures/building.ts'

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
