import { readdir } from 'node:fs/promises'
import { describe, expect, it, test } from '@jest/globals'
import { tree } from '../../domain/build/fixtures/tree.ts'
import { mediaTypes } from '../../domain/oci/types.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { build, folder, imageIn, start } from './fixtures/building.ts'

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
      encoder: expect.stringMatching(/^slipway-deflate-\d+\/gzip-1\/cut-1$/),
    })
    expect(headline).toMatch(/^sha256:[0-9a-f]{6}… · linux\/amd64 · 1 layer, 1 new · \d+ B$/)
    expect(summary.at(-1)).toMatchObject({
      title: 'Layers',
      rows: [['linux/amd64', 'files', '1', expect.stringMatching(/B$/), 'new', expect.stringMatching(/^sha256:[0-9a-f]{6}…$/)]],
    })
  })

  it.each([
    [' M run.sh\0?? new\0', ['warn files differ from the commit that the image names {"commit":"c0ffee","changed":2}']],
    ['', []],
  ])('says when the commit that it names is not what it was made of: %j', async (stdout, lines) => {
    await using workspace = await tree(folder)
    const answer = { code: 0, signal: null, timedOut: false, stdout, stderr: '', duration: 1 }
    const process = { run: async () => answer, find: async () => undefined }
    const { recorded } = await build(workspace.folder, start, { source: { commit: 'c0ffee' }, process })
    expect(recorded.lines).toEqual(lines)
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
