import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startFakeCloud } from '../../../test/fakes/cloud.ts'
import { writeImage, writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { fakeRekor1 } from '../../../test/fakes/rekor.ts'
import { sha256 } from '../../base/digest.ts'
import { pushArtifact } from '../../domain/oci/artifact.ts'
import { pullBytes } from '../../domain/oci/blobs.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { addEntry } from '../../domain/oci/layout.ts'
import { type Loaded, writeManifest } from '../../domain/oci/layout-blobs.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import type { Descriptor, Manifest } from '../../domain/oci/types.ts'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import { signatureTag } from '../../domain/sigstore/formats/simple-signing.ts'
import { generateKeys } from '../../domain/sigstore/keys/generate.ts'
import { isLegacySignedBy, isSignedBy, parsePublicKey } from '../../domain/sigstore/keys/public-key.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const password = 'canary-password-of-the-key'
const pair = generateKeys('p256', password)
const publicKey = parsePublicKey(pair.publicKey, 'the test’s key')

let scene: RegistryScene
let index: Loaded
let name: string

beforeEach(async () => {
  scene = await openRegistryScene()
  writeFileSync(join(scene.folder, 'cosign.key'), pair.privateKey)
  index = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, index.descriptor.digest, scene.repository)
  name = `${scene.registry.address}/team/app`
  scene.registry.log.length = 0
  scene.registry.asked.length = 0
})
afterEach(() => scene.close())

async function sign(
  inputs: Record<string, Raw> = {},
  { record = emptyRecord, ports: more = {} }: { record?: ReleaseRecord; ports?: Partial<Ports> } = {},
) {
  const { ports, recorded } = fakePorts()
  const given = { image: `${name}@${index.descriptor.digest}`, key: join(scene.folder, 'cosign.key'), 'key-password': password }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    {
      inputs: new Map(Object.entries({ ...given, ...inputs }).filter(([, value]) => value !== '')),
      record,
      ports: { ...ports, http: scene.client.ports.http, ...more },
    },
  )
  return { outcome, recorded }
}
const outputsOf = ({ outputs }: Outcome) => Object.fromEntries(outputs)
const writes = (): string[] => scene.registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))
const children = (): readonly Descriptor[] => (index.content.kind === 'index' ? index.content.index.manifests : [])
const manifestOf = async (reference: string | Descriptor): Promise<Manifest> => {
  const { content } = await getManifest(scene.repository, reference)
  if (content.kind !== 'manifest') throw new Error('it is an index')
  return content.manifest
}

describe('signing with a key', () => {
  test('attaches a bundle to an index and to each of its platforms, children first', async () => {
    const { outcome } = await sign()
    expect(outcome.failure).toBeUndefined()
    expect(outputsOf(outcome)).toMatchObject({ signed: '3', signer: `key ${publicKey.hint.slice(0, 8)}` })
    expect(outcome.record.signatures?.map(({ subject, format }) => [subject, format])).toEqual([
      ...children().map(({ digest }) => [digest, 'bundle']),
      [index.descriptor.digest, 'bundle'],
    ])
    for (const subject of [...children(), index.descriptor]) {
      const [referrer, ...more] = await listReferrers(scene.repository, subject.digest, bundleMediaType)
      expect(more).toEqual([])
      if (referrer === undefined) throw new Error('nothing refers to it')
      const { layers, ...manifest } = await manifestOf(referrer)
      const { mediaType, digest, size } = subject
      expect(manifest).toMatchObject({
        artifactType: bundleMediaType,
        config: { mediaType: 'application/vnd.oci.empty.v1+json', size: 2 },
        subject: { mediaType, digest, size },
        annotations: {
          'dev.sigstore.bundle.content': 'dsse-envelope',
          'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
        },
      })
      const bundle = JSON.parse((await pullBytes(scene.repository, layers[0] ?? referrer)).toString())
      const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
      expect(bundle.verificationMaterial).toEqual({ publicKey: { hint: publicKey.hint } })
      expect(JSON.parse(payload.toString())).toEqual({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: digest.slice(7) } }],
        predicateType: 'https://sigstore.dev/cosign/sign/v1',
        predicate: {},
      })
      expect(Object.keys(bundle.dsseEnvelope.signatures[0])).toEqual(['sig'])
      const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload])
      expect(isSignedBy(publicKey, encoded, Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64'))).toBe(true)
    }
  })

  test.each(['bundle', 'legacy', 'both'])('writes nothing the second time (%s)', async (format) => {
    const { outcome: first } = await sign({ format })
    scene.registry.log.length = 0
    const { outcome } = await sign({ format })
    expect(outcome.headline).toContain('all there already')
    expect(writes()).toEqual([])
    expect(outcome.record.signatures?.map(({ digest }) => digest)).toEqual(first.record.signatures?.map(({ digest }) => digest))
  })

  test('is not held up by a registry that cannot say whether it has the `{}` of bundles, which only a new one needs', async () => {
    await sign()
    const refused = { status: 403, headers: {}, body: Buffer.alloc(0) }
    scene.registry.fail({ on: new RegExp(`HEAD .*/blobs/${sha256(Buffer.from('{}'))}`), instead: () => refused })
    expect((await sign()).outcome.headline).toContain('all there already')
  })

  test('signs the index alone when asked to, and no attestation manifest ever', async () => {
    expect(outputsOf((await sign({ recursive: 'false' })).outcome)['signed']).toBe('1')
    const attestation = await writeImage(scene.layout, ['in-toto'], { platform: { os: 'unknown', architecture: 'unknown' } })
    const manifests = [
      ...children(),
      { ...attestation.descriptor, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
      { ...attestation.descriptor, platform: { os: 'unknown', architecture: 'unknown' } },
    ]
    const descriptor = await writeManifest(scene.layout, { schemaVersion: 2, manifests })
    await addEntry(scene.layout, descriptor)
    const { digest } = descriptor
    await copyFromLayout(scene.layout, digest, scene.repository)
    const { outcome } = await sign({ image: `${name}@${digest}` })
    expect(outcome.record.signatures?.map(({ subject }) => subject)).toEqual([...children().map((child) => child.digest), digest])
  })

  test('signs beside a bundle whose bytes are lost', async () => {
    await sign({ recursive: 'false' })
    const [referrer] = await listReferrers(scene.repository, index.descriptor.digest)
    if (referrer === undefined) throw new Error('nothing refers to it')
    const [layer = referrer] = (await manifestOf(referrer)).layers
    scene.registry.fail({
      on: new RegExp(`GET .*/blobs/${layer.digest}`),
      instead: () => ({ status: 404, headers: {}, body: Buffer.alloc(0) }),
    })
    const { outcome } = await sign({ recursive: 'false' })
    expect(outcome.failure).toBeUndefined()
    expect(await listReferrers(scene.repository, index.descriptor.digest)).toHaveLength(2)
  })

  test('takes no signature for its own that does not verify, or is about something else', async () => {
    await sign({ recursive: 'false' })
    const [referrer] = await listReferrers(scene.repository, index.descriptor.digest)
    if (referrer === undefined) throw new Error('nothing refers to it')
    const manifest = await manifestOf(referrer)
    const bundle = JSON.parse((await pullBytes(scene.repository, manifest.layers[0] ?? referrer)).toString())
    bundle.dsseEnvelope.signatures[0].sig = Buffer.from('forged').toString('base64')
    const forged = Buffer.from(JSON.stringify(bundle))
    const layers = [{ mediaType: bundleMediaType, digest: sha256(forged), size: forged.length }]
    const child = children()[0]
    if (child === undefined) throw new Error('an index has children')
    const subject = { mediaType: child.mediaType, digest: child.digest, size: child.size }
    const swapped = { ...manifest, mediaType: manifest.mediaType ?? '', subject }
    await pushArtifact(scene.repository, { manifest: { ...swapped, layers }, blobs: [forged] })
    await pushArtifact(scene.repository, { manifest: swapped, blobs: [] })
    const { outcome } = await sign({ image: `${name}@${child.digest}` })
    expect(outcome.headline).not.toContain('already')
    expect(await listReferrers(scene.repository, child.digest)).toHaveLength(3)
  })
})

describe('the .sig tag', () => {
  test('has cosign’s bytes: a configuration of 233, the payload with the repository, the signature beside it', async () => {
    await sign({ format: 'legacy', recursive: 'false' })
    const { config, layers } = await manifestOf(signatureTag(index.descriptor.digest))
    expect([config.size, layers.length]).toEqual([233, 1])
    const payload = await pullBytes(scene.repository, layers[0] ?? config)
    expect(payload.toString()).toBe(
      `{"critical":{"identity":{"docker-reference":"${name}"},"image":{"docker-manifest-digest":"${index.descriptor.digest}"},"type":"cosign container image signature"},"optional":null}`,
    )
    const signature = layers[0]?.annotations?.['dev.cosignproject.cosign/signature'] ?? ''
    expect(isLegacySignedBy(publicKey, payload, Buffer.from(signature, 'base64'))).toBe(true)
  })

  test('keeps the signatures of others', async () => {
    const other = generateKeys('p384', '')
    writeFileSync(join(scene.folder, 'other.key'), other.privateKey)
    await sign({ format: 'legacy', recursive: 'false', key: join(scene.folder, 'other.key'), 'key-password': '' })
    const before = await manifestOf(signatureTag(index.descriptor.digest))
    await sign({ format: 'legacy', recursive: 'false' })
    const after = await manifestOf(signatureTag(index.descriptor.digest))
    expect(after.layers.slice(0, 1)).toEqual(before.layers)
    expect(after.layers).toHaveLength(2)
  })
})

describe('what is signed', () => {
  const pushed = (): ReleaseRecord => ({
    ...emptyRecord,
    subject: { digest: index.descriptor.digest, mediaType: 'm', layout: 'l', platforms: [] },
    pushes: [{ image: name, digest: index.descriptor.digest, tags: [] }],
  })

  test('is what the record says was pushed', async () => {
    const { outcome } = await sign({ image: '' }, { record: pushed() })
    expect(outputsOf(outcome)['signed']).toBe('3')
    expect((await sign({ image: name }, { record: pushed() })).outcome.headline).toContain('already')
  })

  test.each([
    ['a tag', () => `${name}:1.4.0`, emptyRecord],
    ['a repository alone', () => name, emptyRecord],
    ['nothing', () => '', emptyRecord],
  ])('is not %s', async (_, image, record) => {
    const { outcome } = await sign({ image: image() }, { record })
    expect(outcome.failure).toMatchObject({ code: 'SW-SIGN-UNPINNED', exit: 2 })
    expect(scene.registry.log).toEqual([])
  })

  test('must be at the registry', async () => {
    const { outcome } = await sign({ image: `${name}@sha256:${'0'.repeat(64)}` })
    expect(outcome.failure).toMatchObject({ code: 'SW-MANIFEST-MISSING' })
    expect(writes()).toEqual([])
  })
})

test.each(['legacy', 'both'])('the format %s of a log that cannot be in it is refused before half of it is written', async (format) => {
  const log = { 'transparency-log': 'true', 'rekor-url': 'https://rekor.example.com', 'rekor-version': '2' }
  const { outcome } = await sign({ ...log, 'timestamp-url': 'https://tsa.example.com', format })
  expect(outcome.failure).toMatchObject({ code: 'SW-SIGNING-CONFIG', hint: 'format: bundle', safe: 'nothing was signed' })
  expect(writes()).toEqual([])
})

test('45 minutes without Rekor end as something to resume: nothing is attached, and the next run signs once', async () => {
  const { clock } = scene.client
  const rekor = fakeRekor1('https://rekor.sigstore.dev', clock.now)
  await using cloud = await startFakeCloud([rekor.service], {
    clock,
    registries: { [`http://${scene.registry.address}`]: scene.registry.url },
  })
  const inputs = { 'transparency-log': 'true', timeout: '45m', recursive: 'false' }
  rekor.downUntil = clock.now() + 46 * 60_000
  const { outcome, recorded } = await sign(inputs, { ports: { http: cloud.http, clock } })
  expect(outcome.failure).toMatchObject({
    code: 'SW-SIGSTORE-UNAVAILABLE',
    exit: 6,
    hint: 'slipway resume',
    safe: expect.stringContaining('the image is at the registry as it was pushed'),
  })
  expect(outcome.record.signatures).toBeUndefined()
  expect(writes()).toEqual([])
  expect(recorded.lines.join()).not.toContain(password)
  clock.advance(10 * 60_000)
  expect((await sign(inputs, { ports: { http: cloud.http, clock } })).outcome.failure).toBeUndefined()
  expect((await sign(inputs, { ports: { http: cloud.http, clock } })).outcome.headline).toContain('all there already')
  expect(rekor.entries).toHaveLength(1)
  expect(await listReferrers(scene.repository, index.descriptor.digest)).toHaveLength(1)
})

test.each([
  ['an old Harbor', { auth_mode: 'db_auth', harbor_version: 'v2.14.4-0a1b2c3d' }, ['bundle', 'legacy']],
  ['a Harbor that does not tell its version', { auth_mode: 'db_auth' }, ['bundle', 'legacy']],
  ['Harbor 2.15', { auth_mode: 'db_auth', harbor_version: 'v2.15.2-0a1b2c3d' }, ['bundle']],
  ['something else', { hello: 'world' }, ['bundle']],
])('auto at %s', async (_, info, formats) => {
  const body = Buffer.from(JSON.stringify(info))
  scene.registry.fail({ on: /systeminfo/, instead: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body }) })
  const { outcome } = await sign({ recursive: 'false' })
  expect(outcome.record.signatures?.map(({ format }) => format)).toEqual(formats)
})

test('Harbor lets a signer through that says cosign and may push', async () => {
  scene.registry.fail({
    on: /^(?:GET|HEAD) .*manifests/,
    after: (reply, { headers }) =>
      String(headers['user-agent']).includes('cosign')
        ? reply
        : { status: 412, headers: {}, body: Buffer.from('{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"not signed"}]}') },
  })
  expect((await sign()).outcome.failure).toBeUndefined()
})

test('neither the key nor its password leaves the process', async () => {
  const { outcome, recorded } = await sign({ format: 'both' })
  const { outcome: failed } = await sign({ 'key-password': `${password}-wrong` })
  expect(failed.failure).toMatchObject({ code: 'SW-KEY-PASSWORD' })
  const bundles = JSON.stringify(await listReferrers(scene.repository, index.descriptor.digest))
  const told = JSON.stringify([outcome, failed, String(failed.failure), recorded.lines, scene.registry.asked, bundles])
  expect(told).not.toContain(password)
  for (const line of pair.privateKey.split('\n').filter((text) => text.length > 20 && !text.startsWith('--')))
    expect(told).not.toContain(line)
  expect(recorded.masked).toEqual(expect.arrayContaining([password, pair.privateKey]))
})
