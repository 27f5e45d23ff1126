import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { pushArtifact } from '../../domain/oci/artifact.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
import { childrenOf } from '../../domain/oci/schema.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../../domain/oci/types.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { bundleManifest, bundleMediaType, emptyBlob } from '../../domain/sigstore/formats/bundle.ts'
import { signatureTag, simpleSigningMediaType, simpleSigningPayload } from '../../domain/sigstore/formats/simple-signing.ts'
import { signatureStatement, statementPayload } from '../../domain/sigstore/formats/statement.ts'
import { preAuthEncoding } from '../../domain/sigstore/verify/evidence.ts'
import { listen } from '../../io/server.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Http } from '../../spec/ports.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const stack = new AsyncDisposableStack()
const client = stack.use(testClient())
const folder = mkdtempSync(join(tmpdir(), 'slipway-verify-'))
const keys = {
  own: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  large: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  plain: generateKeyPairSync('ed25519'),
  stranger: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}
const hashes: Partial<Record<string, string>> = { own: 'sha256', large: 'sha384', stranger: 'sha256' }
const asked: string[] = []
/** What the registry gives in place of what it has, by digest. */
const answers = new Map<string, Buffer>()
let address = ''
let index: Loaded

beforeAll(async () => {
  const handler = await createRegistry({ root: join(folder, 'registry'), log: client.ports.log })
  const server = await listen(async (request, response) => {
    asked.push(`${request.method}`)
    const answer = [...answers].find(([digest]) => request.url?.endsWith(digest))?.[1]
    if (answer === undefined) return handler(request, response)
    response.writeHead(200, { 'content-length': answer.length }).end(answer)
  })
  stack.defer(() => server.close())
  address = server.address
  index = await writeIndex(await createLayout(join(folder, 'layout')))
  for (const [name, { publicKey }] of Object.entries(keys)) {
    writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }))
  }
})
afterAll(() => stack.disposeAsync())

let count = 0
/** The index in a repository of its own, and what can be attached to it. */
async function scene() {
  count += 1
  const path = `team/app-${count}`
  const repository = client.connect(address).repository(path)
  await copyFromLayout(await createLayout(join(folder, 'layout')), index.descriptor.digest, repository, { tags: ['1'] })
  const bundle = async (
    by: keyof typeof keys,
    { subject = index.descriptor, payload = signatureStatement(subject.digest) } = {},
  ): Promise<void> => {
    const bytes = bundleOf(by, payload)
    const about = { subject, predicateType: 'unsigned words', created: '2026-01-01T00:00:00Z' }
    await pushArtifact(repository, {
      manifest: bundleManifest({ ...about, bundle: { digest: sha256(bytes), size: bytes.length } }),
      blobs: [bytes, emptyBlob.bytes],
    })
  }
  const legacy = async (by: keyof typeof keys, reference = repository.name): Promise<void> => {
    const payload = simpleSigningPayload(reference, index.descriptor.digest)
    const annotations = { 'dev.cosignproject.cosign/signature': sign('sha256', payload, keys[by].privateKey).toString('base64') }
    await attach([{ bytes: payload, mediaType: simpleSigningMediaType, annotations }], { tag: signatureTag(index.descriptor.digest) })
  }
  const attach = async (
    layers: readonly { readonly bytes: Buffer; readonly mediaType: string; readonly annotations?: Record<string, string> }[],
    { tag, artifactType }: { readonly tag?: string; readonly artifactType?: string } = {},
  ): Promise<void> => {
    const manifest: Manifest & { mediaType: string } = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      ...(artifactType === undefined ? {} : { artifactType }),
      config: { mediaType: mediaTypes.empty, digest: emptyBlob.digest, size: 2 },
      layers: layers.map(({ bytes, mediaType, annotations = {} }) => ({
        mediaType,
        digest: sha256(bytes),
        size: bytes.length,
        annotations,
      })),
      ...(tag === undefined ? { subject: plainly(index.descriptor) } : {}),
    }
    await pushArtifact(repository, { manifest, blobs: [...layers.map(({ bytes }) => bytes), emptyBlob.bytes] }, tag)
  }
  return { name: repository.name, bundle, legacy, attach }
}

function bundleOf(by: keyof typeof keys, payload: Buffer): Buffer {
  const sig = signature(by, preAuthEncoding(statementPayload, payload)).toString('base64')
  const dsseEnvelope = { payload: payload.toString('base64'), payloadType: statementPayload, signatures: [{ sig }] }
  return Buffer.from(JSON.stringify({ mediaType: bundleMediaType, verificationMaterial: { publicKey: { hint: 'any' } }, dsseEnvelope }))
}

function signature(by: keyof typeof keys, data: Buffer): Buffer {
  const key: KeyObject = keys[by].privateKey
  return sign(hashes[by] ?? null, data, key)
}

function plainly({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

async function verify(inputs: Record<string, Raw>, record: ReleaseRecord = emptyRecord, http: Http = client.ports.http): Promise<Outcome> {
  const { ports } = fakePorts({ files: { workspace: folder, state: join(folder, '.slipway'), temporary: () => Promise.resolve(folder) } })
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(inputs)), record, ports: { ...ports, http } },
  )
}

const statementOf = (digest: Digest, more: string): Buffer =>
  Buffer.from(signatureStatement(digest).toString().replace('"predicateType"', more))

describe('an image is verified', () => {
  test.each(['own', 'large', 'plain'] as const)('by a bundle of the key %s, and nothing is written to the registry', async (by) => {
    const { name, bundle } = await scene()
    await bundle(by)
    asked.length = 0
    const outcome = await verify({ image: `${name}:1`, key: `${by}.pub` })
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toMatchObject({
      image: `${name}@${index.descriptor.digest}`,
      verdict: 'pass',
      signer: expect.stringMatching(/^key /),
    })
    expect(outcome.record.verifications).toEqual([
      { subject: index.descriptor.digest, image: name, policy: outcome.outputs.get('policy'), verdict: 'pass', reasons: [] },
    ])
    expect(asked.filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })

  test('by a .sig, of the digest that the build left in the record', async () => {
    const { name, legacy } = await scene()
    await legacy('own')
    const subject = { digest: index.descriptor.digest, mediaType: mediaTypes.index, layout: '.slipway/layout', platforms: [] }
    const outcome = await verify({ image: name, key: 'own.pub', 'docker-reference': name }, { ...emptyRecord, subject })
    expect(outcome.outputs.get('verdict')).toBe('pass')
  })

  test('beside what is strange, cut or by others', async () => {
    const { name, bundle, attach } = await scene()
    await attach([{ bytes: Buffer.from('junk'), mediaType: bundleMediaType }], { artifactType: bundleMediaType })
    await attach([], { artifactType: bundleMediaType })
    await attach([{ bytes: Buffer.from('{}'), mediaType: 'application/jose+json' }], {
      artifactType: 'application/vnd.cncf.notary.signature',
    })
    await attach([{ bytes: Buffer.from('{"payloadType":1}'), mediaType: 'application/vnd.dsse.envelope.v1+json' }], {
      tag: signatureTag(index.descriptor.digest).replace('.sig', '.att'),
    })
    await bundle('stranger')
    await bundle('own')
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    const report = JSON.parse(outcome.files?.get('report') ?? '{}')
    expect(outcome.failure).toBeUndefined()
    expect(report.manifests[0].attached.map((one: { reason?: { code: string } }) => one.reason?.code ?? 'trusted').sort()).toEqual([
      'key-mismatch',
      'trusted',
      'unreadable',
      'unreadable',
      'unreadable',
      'unreadable',
    ])
  })

  test.each([
    ['too-large', 'a bundle of 17 MiB', Array.from({ length: 1 }, () => Buffer.alloc(17 * 2 ** 20)), bundleMediaType],
    ['too-large', 'five bundles of 15 MiB', Array.from({ length: 5 }, (_, place) => Buffer.alloc(15 * 2 ** 20, place)), bundleMediaType],
    ['too-many', '101 signatures under one tag', Array.from({ length: 101 }, () => Buffer.from('{}')), simpleSigningMediaType],
  ])('%s: %s does not keep a good one from counting', async (code, _, layers, mediaType) => {
    const { name, bundle, attach } = await scene()
    const where = mediaType === bundleMediaType ? { artifactType: bundleMediaType } : { tag: signatureTag(index.descriptor.digest) }
    const all = layers.map((bytes) => ({ bytes, mediaType }))
    for (const some of mediaType === bundleMediaType ? all.map((one) => [one]) : [all]) await attach(some, where)
    await bundle('own')
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.files?.get('report')).toContain(`"code": "${code}"`)
  })

  test('and what others wrote makes no line of its own', async () => {
    const { name, bundle } = await scene()
    await bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"x\\n  ✓ signature: there","was"') })
    const outcome = await verify({ image: `${name}:1`, key: 'own.pub' })
    expect(JSON.stringify(outcome.summary)).toContain('x␊  ✓ signature: there')
  })

  test('with each of its platforms, when asked', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const [child, other] = childrenOf(index.content).map(plainly)
    if (child === undefined || other === undefined) throw new Error('an index has children')
    await bundle('own', { subject: child })
    expect((await verify({ image: `${name}@${child.digest}`, key: 'own.pub' })).failure).toBeUndefined()
    expect((await verify({ image: `${name}:1`, key: 'own.pub', recursive: 'true' })).failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
    await bundle('own', { subject: other })
    expect((await verify({ image: `${name}:1`, key: 'own.pub', recursive: 'true' })).outputs.get('verdict')).toBe('pass')
  })

  test('by a policy file, whose digest does not change with what is attached', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    writeFileSync(join(folder, 'policy.yaml'), 'signers:\n  - key: own.pub\n  - key: stranger.pub\nthreshold: 2\n')
    const one = await verify({ image: `${name}:1`, policy: 'policy.yaml' })
    expect(one.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
    await bundle('stranger')
    const two = await verify({ image: `${name}:1`, policy: 'policy.yaml' })
    expect(two.failure).toBeUndefined()
    expect(two.outputs.get('policy')).toBe(one.outputs.get('policy'))
  })
})

describe('by certificate, with a trusted root', () => {
  const fixtures = join(import.meta.dirname, '../../domain/sigstore/verify/fixtures')
  const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
  const given = { identity, issuer: 'http://127.0.0.1:45069/github', 'trusted-root': join(fixtures, 'trusted-root.json') }

  /** What cosign 3.1 signed once at the lab's Sigstore. */
  async function recordedImage(bundle: string): Promise<string> {
    const { manifest, blobs } = JSON.parse(readFileSync(join(fixtures, 'image.json'), 'utf8')) as { manifest: string; blobs: string[] }
    const content = JSON.parse(Buffer.from(manifest, 'base64').toString()) as Manifest & { mediaType: string }
    count += 1
    const repository = client.connect(address).repository(`recorded/app-${count}`)
    const { descriptor } = await pushArtifact(repository, { manifest: content, blobs: blobs.map((one) => Buffer.from(one, 'base64')) })
    const bytes = readFileSync(join(fixtures, bundle))
    const about = { subject: descriptor, predicateType: 'unsigned words', created: '2026-01-01T00:00:00Z' }
    await pushArtifact(repository, {
      manifest: bundleManifest({ ...about, bundle: { digest: sha256(bytes), size: bytes.length } }),
      blobs: [bytes, emptyBlob.bytes],
    })
    return `${repository.name}@${descriptor.digest}`
  }

  test('nothing is asked of anybody but the registry', async () => {
    const image = await recordedImage('rekor-v2.json')
    const hosts = new Set<string | undefined>()
    const http: Http = {
      request: (request) => {
        hosts.add(URL.parse(request.url)?.host)
        return client.ports.http.request(request)
      },
    }
    const outcome = await verify({ image, ...given }, emptyRecord, http)
    expect(outcome.failure).toBeUndefined()
    expect(outcome.outputs.get('signer')).toBe(identity)
    expect([...hosts]).toEqual([address])
  })

  test('the identity may be described by an expression, when it is called one', async () => {
    const { identity: _, ...others } = given
    const image = await recordedImage('rekor-v2.json')
    const verdictBy = async (expression: string) =>
      (await verify({ image, ...others, 'identity-regexp': expression })).outputs.get('verdict')
    expect(await verdictBy('https://github\\.com/acme/.+@refs/heads/main')).toBe('pass')
    expect(await verdictBy('https://github\\.com/acme/')).toBe('fail')
    const anybody = await verify({ image, ...others, 'identity-regexp': '.*' })
    expect(anybody.failure).toMatchObject({ code: 'SW-VERIFY-POLICY-INVALID', message: expect.stringContaining('no identity at all') })
  })

  test.each([
    ['main-evil.json', 'identity-mismatch'],
    ['expired.json', 'certificate-expired'],
    ['sbom.json', 'predicate-type'],
  ])('%s is refused: %s', async (bundle, code) => {
    expect((await verify({ image: await recordedImage(bundle), ...given })).failure).toMatchObject({
      exit: 3,
      message: expect.stringContaining(code),
    })
  })
})

describe('an image is refused, with exit code 3', () => {
  test.each<[string, string, (attach: Awaited<ReturnType<typeof scene>>) => Promise<void>]>([
    ['nothing of the kind', 'unsigned', async () => undefined],
    ['key-mismatch', 'signed by a stranger', ({ bundle }) => bundle('stranger')],
    [
      'subject-mismatch',
      'with the bundle of another image',
      ({ bundle }) => bundle('own', { payload: signatureStatement(sha256('another')) }),
    ],
    [
      'predicate-type',
      'with an SBOM and no signature',
      ({ bundle }) => bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"https://spdx.dev/Document","was"') }),
    ],
    [
      'duplicate-keys',
      'with a statement that has two types',
      ({ bundle }) => bundle('own', { payload: statementOf(index.descriptor.digest, '"predicateType":"x","predicateType"') }),
    ],
    [
      'unreadable',
      'with two bundles in one manifest',
      ({ attach }) => {
        const good = { bytes: bundleOf('own', signatureStatement(index.descriptor.digest)), mediaType: bundleMediaType }
        return attach([good, { ...good, bytes: Buffer.from('{}') }], { artifactType: bundleMediaType })
      },
    ],
    ['reference-mismatch', 'with the .sig of another repository', ({ legacy }) => legacy('own', 'registry.example.com/other')],
  ])('%s: %s', async (code, _, attach) => {
    const at = await scene()
    await attach(at)
    const outcome = await verify({
      image: `${at.name}:1`,
      key: 'own.pub',
      ...(code.startsWith('reference') ? { 'docker-reference': at.name } : {}),
    })
    expect(outcome.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED', exit: 3, message: expect.stringContaining(code) })
    expect(outcome.outputs.get('verdict')).toBe('fail')
    expect(outcome.outputs.get('signer')).toBe('')
    expect(outcome.record.verifications).toEqual([expect.objectContaining({ verdict: 'fail' })])
  })
})

describe('as signed in this run: whom to trust, and what to want, is what the record has', () => {
  const pem = (by: keyof typeof keys): string => keys[by].publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const digest = sha256('any')
  const recorded = (image: string, by: readonly (keyof typeof keys)[], more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
    ...emptyRecord,
    subject: { digest: index.descriptor.digest, mediaType: mediaTypes.index, layout: '.slipway/layout', platforms: [] },
    pushes: [{ image, digest: index.descriptor.digest, tags: [] }],
    signatures: by.map((one) => ({
      ...{ subject: index.descriptor.digest, image, format: 'bundle', digest: index.descriptor.digest },
      ...{ identity: `key ${one}`, publicKey: pem(one) },
    })),
    ...more,
  })

  test('passes, and says that nobody gave a policy', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ 'as-signed': 'true' }, recorded(name, ['own']))
    expect(outcome.failure).toBeUndefined()
    expect(outcome.outputs.get('image')).toBe(`${name}@${index.descriptor.digest}`)
    expect(outcome.headline).toContain('no policy, so as signed in this run')
    expect(JSON.stringify(outcome.summary)).toContain('No policy is given: trusted is exactly who signed in this run')
    expect(JSON.stringify(outcome.summary)).toContain('--key .slipway/outputs/sign/public-key')
  })

  test.each<[string, readonly (keyof typeof keys)[], readonly (keyof typeof keys)[], Partial<ReleaseRecord>]>([
    ['another key signed than the record says', ['stranger'], ['own'], {}],
    ['of two that signed one is missing', ['own'], ['own', 'large'], {}],
    ['nothing is there', [], ['own'], {}],
    [
      'an attestation that the run wrote is not there',
      ['own'],
      ['own'],
      { attestations: [{ subject: digest, image: 'HERE', predicateType: 'https://slsa.dev/provenance/v1', digest }] },
    ],
  ])('refuses when %s', async (_, there, written, more) => {
    const { name, bundle } = await scene()
    for (const by of there) await bundle(by)
    const attestations = more.attestations?.map((one) => ({ ...one, image: name, subject: index.descriptor.digest }))
    const record = recorded(name, written, attestations === undefined ? {} : { attestations })
    expect((await verify({ 'as-signed': 'true' }, record)).failure).toMatchObject({ code: 'SW-VERIFY-REFUSED', exit: 3 })
  })

  test('counts only where neither a policy nor a signer is given', async () => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ 'as-signed': 'true', key: 'stranger.pub' }, recorded(name, ['own']))
    expect(outcome.failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
  })

  test.each<[string, string, Record<string, Raw>, (name: string) => ReleaseRecord]>([
    ['without a signature in the record', 'SW-VERIFY-POLICY-EMPTY', { 'as-signed': 'true' }, (name) => recorded(name, [])],
    [
      'with the signature of another repository',
      'SW-VERIFY-POLICY-EMPTY',
      { 'as-signed': 'true', image: 'HERE' },
      () => recorded('r/x', ['own']),
    ],
    ['unless asked for', 'SW-VERIFY-POLICY-EMPTY', {}, (name) => recorded(name, ['own'])],
    [
      'without a trusted root, for what is in a log',
      'SW-VERIFY-POLICY-INVALID',
      { 'as-signed': 'true' },
      (name) => {
        const record = recorded(name, ['own'])
        return { ...record, signatures: (record.signatures ?? []).map((one) => ({ ...one, log: '1' })) }
      },
    ],
    ['without a push in the record', 'SW-VERIFY-UNNAMED', { 'as-signed': 'true' }, (name) => recorded(name, ['own'], { pushes: [] })],
  ])('is no policy %s', async (_, code, { image, ...inputs }, record) => {
    const { name, bundle } = await scene()
    await bundle('own')
    const outcome = await verify({ ...inputs, ...(image === undefined ? {} : { image: name }) }, record(name))
    expect(outcome.failure).toMatchObject({ code, exit: 2 })
  })
})

describe('a registry that gives other bytes than it has', () => {
  const signed = async (change: (bytes: Buffer) => Buffer): Promise<Outcome> => {
    const { name, bundle } = await scene()
    const bytes = bundleOf('plain', signatureStatement(index.descriptor.digest))
    await bundle('plain')
    answers.clear()
    answers.set(sha256(bytes), change(bytes))
    return verify({ image: `${name}:1`, key: 'plain.pub' })
  }

  test('by one bit: the image is refused', async () => {
    const outcome = await signed((bytes) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]))
    expect(outcome.failure).toMatchObject({ exit: 3, message: expect.stringContaining('SW-DIGEST-MISMATCH') })
  })

  test('cut: it could not be found out, and may be another time', async () => {
    const outcome = await signed((bytes) => bytes.subarray(0, 10))
    expect(outcome.failure).toMatchObject({ exit: 6, retryable: true })
    expect(outcome.record.verifications).toBeUndefined()
  })
})

describe('what could not be found out has another exit code', () => {
  test.each<[string, number, Record<string, Raw>]>([
    ['SW-VERIFY-POLICY-EMPTY', 2, {}],
    ['SW-VERIFY-POLICY-EMPTY', 2, { policy: 'empty.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'misspelt.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'twice.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'anybody.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { policy: 'three-of-one.yaml' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { identity: 'me@example.com', issuer: 'https://issuer.example.com' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { 'identity-regexp': '.*', issuer: 'https://issuer.example.com' }],
    ['SW-VERIFY-POLICY-INVALID', 2, { 'identity-regexp': '(?=a)b', issuer: 'https://issuer.example.com' }],
    ['SW-TRUST-ROOT-INVALID', 2, { key: 'own.pub', 'trusted-root': 'own.pub' }],
    ['SW-INPUT-INVALID', 2, { identity: 'me@example.com' }],
    ['SW-INPUT-INVALID', 2, { key: 'own.pub', policy: 'empty.yaml' }],
    ['SW-FILE-MISSING', 2, { policy: 'nowhere.yaml' }],
    ['SW-FILE-MISSING', 2, { key: 'own.pub', 'trusted-root': 'nowhere.json' }],
    ['SW-KEY-MISSING', 2, { key: 'nowhere.pub' }],
    ['SW-MANIFEST-MISSING', 2, { key: 'own.pub', image: 'HERE:unknown' }],
    ['SW-VERIFY-UNNAMED', 2, { key: 'own.pub', image: 'HERE' }],
  ])('%s, exit %d: %j', async (code, exit, inputs) => {
    const { name } = await scene()
    writeFileSync(join(folder, 'empty.yaml'), 'signers: []\n')
    writeFileSync(join(folder, 'misspelt.yaml'), 'signers:\n  - kye: own.pub\n')
    writeFileSync(join(folder, 'twice.yaml'), 'signers:\n  - key: own.pub\nsigners:\n  - key: stranger.pub\n')
    writeFileSync(join(folder, 'anybody.yaml'), 'signers:\n  - issuer: https://issuer.example.com\n    runner: github-hosted\n')
    writeFileSync(join(folder, 'three-of-one.yaml'), 'signers:\n  - key: own.pub\nthreshold: 3\n')
    const { image = 'HERE:1', ...rest } = inputs
    const outcome = await verify({ image: String(image).replace('HERE', name), ...rest })
    expect(outcome.failure).toMatchObject({ code, exit })
    expect(outcome.record.verifications).toBeUndefined()
  })
})
