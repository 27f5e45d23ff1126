import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startFakeCloud, unsignedJwt } from '../../../test/fakes/cloud.ts'
import { writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { fakeRekor1, fakeRekor2 } from '../../../test/fakes/rekor.ts'
import { sha256 } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { pullBytes } from '../../domain/oci/blobs.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
import { findManifest, getManifest } from '../../domain/oci/manifests.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import type { Descriptor, Manifest } from '../../domain/oci/types.ts'
import { attestationTag } from '../../domain/sigstore/attest/attach-attestation-tag.ts'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import { generateKeys } from '../../domain/sigstore/keys/generate.ts'
import { isSignedBy, parsePublicKey } from '../../domain/sigstore/keys/public-key.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const password = 'canary-password-of-the-key'
const pair = generateKeys('p256', password)
const publicKey = parsePublicKey(pair.publicKey, 'the test’s key')
const cyclonedx = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 }
const review = 'https://example.com/review/v1'
const slsa = 'https://slsa.dev/provenance/v1'

let scene: RegistryScene
let index: Loaded
let name: string

beforeEach(async () => {
  scene = await openRegistryScene()
  put('cosign.key', pair.privateKey)
  put('sbom.json', cyclonedx)
  put('review.json', { by: ['two', 'people'] })
  index = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, index.descriptor.digest, scene.repository)
  name = `${scene.registry.address}/team/app`
  scene.registry.log.length = 0
  scene.registry.asked.length = 0
})
afterEach(() => scene.close())

function put(path: string, content: string | object): void {
  writeFileSync(join(scene.folder, path), typeof content === 'string' ? content : JSON.stringify(content))
}

async function attest(
  inputs: Record<string, Raw> = {},
  { record = emptyRecord, ports: more = {} }: { record?: ReleaseRecord; ports?: Partial<Ports> } = {},
) {
  const files = { workspace: scene.folder, state: join(scene.folder, '.slipway'), temporary: () => Promise.resolve(scene.folder) }
  const { ports, recorded } = fakePorts({ files })
  const given = { image: `${name}@${index.descriptor.digest}`, key: 'cosign.key', 'key-password': password }
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
const only = (files: string, more: Record<string, Raw> = {}): Record<string, Raw> => ({ predicates: 'none', files, ...more })
const outputsOf = ({ outputs }: Outcome) => Object.fromEntries(outputs)
const writes = (): string[] => scene.registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))
const children = (): readonly Descriptor[] => (index.content.kind === 'index' ? index.content.index.manifests : [])
const typesOf = ({ record }: Outcome): readonly string[] => (record.attestations ?? []).map(({ predicateType }) => predicateType)

async function manifestOf(reference: string | Descriptor): Promise<Manifest> {
  const { content } = await getManifest(scene.repository, reference)
  if (content.kind !== 'manifest') throw new Error('it is an index')
  return content.manifest
}

/** The statements in the bundles of a manifest by the order of their types, signatures checked. */
async function statements(digest = index.descriptor.digest): Promise<readonly Record<string, string>[]> {
  const found: Record<string, string>[] = []
  for (const referrer of await listReferrers(scene.repository, digest, bundleMediaType)) {
    const { layers } = await manifestOf(referrer)
    const { dsseEnvelope } = JSON.parse((await pullBytes(scene.repository, layers[0] ?? referrer)).toString())
    const payload = Buffer.from(dsseEnvelope.payload, 'base64')
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload])
    expect(isSignedBy(publicKey, encoded, Buffer.from(dsseEnvelope.signatures[0].sig, 'base64'))).toBe(true)
    found.push(JSON.parse(payload.toString()))
  }
  return found.toSorted((a, b) => (String(a['predicateType']) < String(b['predicateType']) ? -1 : 1))
}

describe('an attestation', () => {
  test('is an in-toto statement about the image, in a bundle that refers to it and tells its type', async () => {
    const { outcome } = await attest(only('cyclonedx=sbom.json'))
    const { mediaType, digest, size } = index.descriptor
    const [referrer, ...more] = await listReferrers(scene.repository, digest)
    if (referrer === undefined) throw new Error('nothing refers to it')
    expect(more).toEqual([])
    expect(await manifestOf(referrer)).toMatchObject({
      artifactType: bundleMediaType,
      subject: { mediaType, digest, size },
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': 'https://cyclonedx.org/bom',
        'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-.*Z$/),
      },
    })
    expect(await statements()).toEqual([
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name, digest: { sha256: digest.slice(7) } }],
        predicateType: 'https://cyclonedx.org/bom',
        predicate: cyclonedx,
      },
    ])
    expect(outputsOf(outcome)).toMatchObject({
      attested: '1',
      types: 'https://cyclonedx.org/bom',
      signer: `key ${publicKey.hint.slice(0, 8)}`,
      digests: sha256(`https://cyclonedx.org/bom ${name}@${digest} ${referrer.digest}\n`),
    })
    expect(outcome.record.attestations).toEqual([
      {
        subject: digest,
        image: name,
        predicateType: 'https://cyclonedx.org/bom',
        format: 'bundle',
        digest: referrer.digest,
        identity: `key ${publicKey.hint.slice(0, 8)}`,
      },
    ])
  })

  test('under .att is the envelope itself, with its type beside it, and those of others stay', async () => {
    await attest(only('cyclonedx=sbom.json', { format: 'legacy' }))
    const before = await manifestOf(attestationTag(index.descriptor.digest))
    const { outcome } = await attest(only(`cyclonedx=sbom.json\n${review}=review.json`, { format: 'legacy' }))
    const { layers } = await manifestOf(attestationTag(index.descriptor.digest))
    expect(layers.slice(0, 1)).toEqual(before.layers)
    expect(layers.map(({ mediaType, annotations }) => [mediaType, annotations])).toEqual([
      ['application/vnd.dsse.envelope.v1+json', { 'dev.cosignproject.cosign/signature': '', predicateType: 'https://cyclonedx.org/bom' }],
      ['application/vnd.dsse.envelope.v1+json', { 'dev.cosignproject.cosign/signature': '', predicateType: review }],
    ])
    expect(outcome.record.attestations?.map(({ digest }) => digest)).toEqual(layers.map(({ digest }) => digest))
  })

  test.each(['bundle', 'legacy', 'both'])('is written once (%s)', async (format) => {
    const inputs = only(`cyclonedx=sbom.json\n${review}=review.json`, { format })
    const { outcome: first } = await attest(inputs)
    scene.registry.log.length = 0
    const { outcome } = await attest(inputs)
    expect(outcome.headline).toContain('all there already')
    expect(writes()).toEqual([])
    expect(outcome.record.attestations).toEqual(first.record.attestations)
    put('review.json', { by: 'one' })
    const { outcome: changed } = await attest(inputs)
    expect(changed.headline).not.toContain('already')
    expect(changed.record.attestations).toHaveLength(first.record.attestations?.length ?? 0)
  })

  test('goes to each platform when asked to, children first', async () => {
    const { outcome } = await attest(only('cyclonedx=sbom.json', { recursive: 'true' }))
    expect(outcome.record.attestations?.map(({ subject }) => subject)).toEqual([
      ...children().map(({ digest }) => digest),
      index.descriptor.digest,
    ])
  })
})

describe('nothing is sent', () => {
  test.each([
    ['a file that is no JSON', 'cyclonedx=broken.json', {}, 'SW-ATTEST-PREDICATE'],
    ['a file of another type', 'spdxjson=sbom.json', {}, 'SW-ATTEST-PREDICATE'],
    ['a second file that is missing', 'cyclonedx=sbom.json\nvuln=none.json', {}, 'SW-FILE-MISSING'],
    ['a word that is not known', '', { predicates: 'provenence' }, 'SW-ATTEST-PREDICATE'],
    ['nothing to attest', '', { predicates: 'none' }, 'SW-ATTEST-NOTHING'],
    ['what the record has not', '', { predicates: 'test-result' }, 'SW-ATTEST-NOTHING'],
    ['an image by a tag', 'cyclonedx=sbom.json', { image: 'localhost:5000/team/app:1' }, 'SW-SIGN-UNPINNED'],
  ])('for %s', async (_, files, more, code) => {
    put('broken.json', '{"bomFormat":"CycloneDX",')
    const { outcome } = await attest(only(files, more))
    expect(outcome.failure).toMatchObject({ code, exit: 2 })
    expect(scene.registry.log).toEqual([])
  })
})

describe('what the record says', () => {
  const recorded = (more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
    ...emptyRecord,
    source: { url: 'https://github.com/acme/app', commit: 'f'.repeat(40) },
    subject: { digest: index.descriptor.digest, mediaType: 'm', layout: 'l', platforms: [] },
    pushes: [{ image: name, digest: index.descriptor.digest, tags: [] }],
    tests: { passed: 2, failed: 0, skipped: 0, flaky: 0, duration: 1, reports: [], verdict: 'pass' },
    findings: {
      subject: index.descriptor.digest,
      severities: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
      verdict: 'pass',
      policy: sha256('policy'),
      finished: '2026-11-21T12:00:00Z',
    },
    ...more,
  })

  test('is attested as it is there: provenance of a laptop, tests and verdict', async () => {
    const { outcome, recorded: said } = await attest({ image: '' }, { record: recorded() })
    expect(typesOf(outcome)).toEqual([slsa, 'https://in-toto.io/attestation/test-result/v0.1', 'https://slsa.dev/verification_summary/v1'])
    expect(await statements()).toMatchObject([
      { predicate: { result: 'PASSED', counts: { passed: 2 } } },
      { predicate: { buildDefinition: { internalParameters: { slipway: { publishable: false } } } } },
      { predicate: { verificationResult: 'PASSED', resourceUri: `oci://${name}`, timeVerified: '2026-11-21T12:00:00Z' } },
    ])
    expect(said.lines.join('\n')).toContain('nobody vouches for')
    expect((await attest({ image: '' }, { record: recorded() })).outcome.headline).toContain('all there already')
  })

  test('SBOMs go to the platform that they are about, and must be the files that were recorded', async () => {
    const [child] = children()
    if (child === undefined) throw new Error('an index has children')
    mkdirSync(join(scene.folder, 'sboms'))
    put('sboms/amd64.json', cyclonedx)
    const entry = { subject: child.digest, platform: 'linux/amd64', format: 'cyclonedx', path: 'sboms/amd64.json' }
    const record = recorded({ sboms: [{ ...entry, file: sha256(JSON.stringify(cyclonedx)) }] })
    const { outcome } = await attest({ predicates: 'sbom' }, { record })
    expect(outcome.record.attestations).toMatchObject([{ subject: child.digest, predicateType: 'https://cyclonedx.org/bom' }])
    put('sboms/amd64.json', { ...cyclonedx, version: 2 })
    scene.registry.log.length = 0
    const { outcome: changed } = await attest({ predicates: 'sbom' }, { record })
    expect([changed.failure, scene.registry.log]).toMatchObject([{ code: 'SW-ATTEST-PREDICATE' }, []])
  })

  test('of another image is not said of this one', async () => {
    const record = recorded({ subject: { digest: sha256('other'), mediaType: 'm', layout: 'l', platforms: [] } })
    expect(typesOf((await attest({ files: 'cyclonedx=sbom.json' }, { record })).outcome)).toEqual([
      'https://slsa.dev/verification_summary/v1',
      'https://cyclonedx.org/bom',
    ])
    expect((await attest({ predicates: 'test-result' }, { record })).outcome.failure).toMatchObject({ code: 'SW-ATTEST-NOTHING' })
  })

  test('a verdict without its time is none', async () => {
    const { findings } = recorded()
    const { outcome } = await attest(
      { predicates: 'scan' },
      { record: recorded({ findings: { ...findings, finished: undefined } as never }) },
    )
    expect(outcome.failure).toMatchObject({ code: 'SW-ATTEST-NOTHING' })
  })
})

describe('provenance', () => {
  const claims = {
    ...{ ref: 'refs/heads/main', sha: 'a'.repeat(40), repository: 'acme/app', event_name: 'push', repository_id: '1', run_id: '7' },
    ...{
      workflow_ref: 'acme/app/.github/workflows/r.yml@refs/heads/main',
      job_workflow_ref: 'acme/app/.github/workflows/r.yml@refs/heads/main',
    },
    ...{ repository_owner_id: '2', runner_environment: 'github-hosted', run_attempt: '1' },
  }
  const identity = { token: async () => unsignedJwt(claims) }
  const unavailable = {
    token: () =>
      Promise.reject(new TaskError({ code: 'SW-IDENTITY-UNAVAILABLE', fault: 'environment', title: '', causes: [], fix: '' }, 'no token')),
  }

  test('on GitHub is what the token says, whatever the environment says', async () => {
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'evil/app', GITHUB_SHA: 'b'.repeat(40) }
    await attest({ predicates: 'provenance' }, { ports: { environment, identity } })
    expect(await statements()).toMatchObject([
      {
        predicateType: slsa,
        predicate: {
          buildDefinition: { resolvedDependencies: [{ digest: { gitCommit: claims.sha } }] },
          runDetails: { builder: { id: `https://github.com/${claims.job_workflow_ref}` } },
        },
      },
    ])
  })

  test('on GitHub without a token is an error, never a guess', async () => {
    const { outcome } = await attest({}, { ports: { environment: { GITHUB_ACTIONS: 'true' }, identity: unavailable } })
    expect(outcome.failure).toMatchObject({ code: 'SW-IDENTITY-UNAVAILABLE' })
    expect(scene.registry.log).toEqual([])
  })

  test('on Tekton needs no token', async () => {
    await attest({ predicates: 'provenance' }, { ports: { environment: { SLIPWAY_HOST: 'tekton' }, identity: unavailable } })
    expect(await statements()).toMatchObject([
      { predicate: { buildDefinition: { internalParameters: { slipway: { slsaBuildLevel: 0 } } } } },
    ])
  })

  test('of a laptop goes to no registry elsewhere, unless it is named', async () => {
    const image = `registry.example.com/team/app@${index.descriptor.digest}`
    const { outcome, recorded } = await attest({ image })
    expect([outcome.headline, outputsOf(outcome)]).toMatchObject(['nothing to attest', { attested: '0' }])
    expect(recorded.lines.join()).toContain('nobody vouches for this machine')
    expect(scene.registry.log).toEqual([])
    // Named, it is tried, at a registry that this test does not have.
    expect((await attest({ image, predicates: 'provenance' })).outcome.failure).toBeDefined()
  })
})

describe('with a log', () => {
  const rekor = 'https://rekor.example.com'
  const logged = { 'transparency-log': 'true', 'rekor-url': rekor, timeout: '45m' }

  async function cloudWith(log: ReturnType<typeof fakeRekor1>) {
    const { clock } = scene.client
    const registries = { [`http://${scene.registry.address}`]: scene.registry.url }
    return { cloud: await startFakeCloud([log.service], { clock, registries }), clock }
  }

  test('45 minutes without it end as something to resume, and the next run attests once', async () => {
    const log = fakeRekor1(rekor, scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    const inputs = only(`cyclonedx=sbom.json\n${review}=review.json`, { ...logged, format: 'both' })
    log.downUntil = clock.now() + 46 * 60_000
    const { outcome } = await attest(inputs, { ports })
    expect(outcome.failure).toMatchObject({ code: 'SW-SIGSTORE-UNAVAILABLE', exit: 6, hint: 'slipway resume' })
    expect(writes()).toEqual([])
    clock.advance(10 * 60_000)
    expect((await attest(inputs, { ports })).outcome.failure).toBeUndefined()
    expect((await attest(inputs, { ports })).outcome.headline).toContain('all there already')
    expect(log.entries).toHaveLength(4)
  })

  test('an end in between leaves whole attestations, and the next run does only the rest', async () => {
    const log = fakeRekor1(rekor, scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    await attest(only('cyclonedx=sbom.json', logged), { ports })
    const { outcome } = await attest(only(`cyclonedx=sbom.json\n${review}=review.json`, logged), { ports })
    expect(outcome.record.attestations).toHaveLength(2)
    expect(log.entries).toHaveLength(2)
    expect((await statements()).map((statement) => statement['predicateType'])).toEqual(['https://cyclonedx.org/bom', review])
  })

  test('of version 1, what is too large is kept beside the image, and signed by reference, with a warning', async () => {
    const log = fakeRekor1(rekor, scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const ports = { http: cloud.http, clock }
    const inputs = only('cyclonedx=sbom.json', { ...logged, 'log-limit': '20' })
    const { outcome: refused } = await attest({ ...inputs, large: 'refuse' }, { ports })
    expect(refused.failure).toMatchObject({ code: 'SW-ATTEST-TOO-LARGE', exit: 2, hint: 'large: reference' })
    expect([writes(), log.entries]).toEqual([[], []])
    const { outcome, recorded } = await attest(inputs, { ports })
    expect(recorded.lines.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining('kept beside the image')])
    const [attestation] = outcome.record.attestations ?? []
    const document = await findManifest(scene.repository, attestation?.document ?? '')
    expect(document?.content).toMatchObject({
      manifest: { artifactType: 'application/vnd.cyclonedx+json', subject: { digest: index.descriptor.digest } },
    })
    const json = JSON.stringify(cyclonedx)
    expect(await statements()).toMatchObject([
      {
        predicateType: 'https://in-toto.io/attestation/reference/v0.1',
        predicate: {
          references: [
            {
              digest: { sha256: sha256(json).slice(7) },
              downloadLocation: `oci://${name}@${attestation?.document}`,
              mediaType: 'application/vnd.cyclonedx+json',
            },
          ],
        },
      },
    ])
    scene.registry.log.length = 0
    expect((await attest(inputs, { ports })).outcome.headline).toContain('all there already')
    expect(writes()).toEqual([])
  })

  test('of version 2 has no such limit: it gets a hash', async () => {
    const log = fakeRekor2(rekor, scene.client.clock.now)
    const { cloud, clock } = await cloudWith(log)
    await using _ = cloud
    const config = { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' }
    const service = (url: string, majorApiVersion: number) => ({
      url,
      majorApiVersion,
      operator: '',
      validFor: { start: '2020-01-01T00:00:00Z' },
    })
    put('signing.json', {
      ...config,
      rekorTlogUrls: [service(rekor, 2)],
      rekorTlogConfig: { selector: 'ANY' },
      tsaUrls: [service('https://tsa.example.com', 1)],
    })
    const inputs = only('cyclonedx=sbom.json', {
      'transparency-log': 'true',
      'signing-config': 'signing.json',
      'log-limit': '20',
      large: 'refuse',
      timeout: '1s',
    })
    // Nobody gives the time here: what matters is that the size was not refused.
    expect((await attest(inputs, { ports: { http: cloud.http, clock } })).outcome.failure).not.toMatchObject({
      code: 'SW-ATTEST-TOO-LARGE',
    })
  })
})

test('neither the key nor its password leaves the process', async () => {
  const { outcome, recorded } = await attest({ files: 'cyclonedx=sbom.json', format: 'both' })
  const { outcome: failed } = await attest({ 'key-password': `${password}-wrong` })
  expect(failed.failure).toMatchObject({ code: 'SW-KEY-PASSWORD' })
  const told = JSON.stringify([outcome, failed, String(failed.failure), recorded.lines, scene.registry.asked, await statements()])
  expect(told).not.toContain(password)
  for (const line of pair.privateKey.split('\n').filter((text) => text.length > 20 && !text.startsWith('--')))
    expect(told).not.toContain(line)
  expect(recorded.masked).toEqual(expect.arrayContaining([password, pair.privateKey]))
})
