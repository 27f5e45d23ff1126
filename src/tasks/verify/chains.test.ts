/** What Tekton Chains attaches (tektoncd/chains, docs/config.md: oci storage), well formed and not; and the verdict of a gate in the same storage. */
import { sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import { signatureTag, simpleSigningMediaType, simpleSigningPayload } from '../../domain/sigstore/formats/simple-signing.ts'
import { preAuthEncoding } from '../../domain/sigstore/verify/evidence.ts'
import { folder, index, keys, scene, start, stop, verify } from './scene.fake.ts'

beforeAll(start)
afterAll(stop)

type Signer = keyof typeof keys
const envelopeType = 'application/vnd.dsse.envelope.v1+json'
const inToto = 'application/vnd.in-toto+json'
const builder = 'https://tekton.dev/chains/v2'
const attTag = (): string => signatureTag(index.descriptor.digest).replace('.sig', '.att')
const seal = (by: Signer, type: string, payload: Buffer): string =>
  sign('sha256', preAuthEncoding(type, payload), keys[by].privateKey).toString('base64')

function statement(predicateType: string, predicate: object): Buffer {
  const subject = [{ name: 'registry.example.com/team/app', digest: { sha256: index.descriptor.digest.slice(7) } }]
  return Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', predicateType, subject, predicate }))
}

/** An envelope with the identifier of the key beside the signature, as Chains writes it. */
function envelope(by: Signer, payload: Buffer, type = inToto): Buffer {
  const signatures = [{ keyid: 'SHA256:caEJWYJSxy1SVF2KObm5Rr3Yt6xIb4T2w56FHtCg8WI', sig: seal(by, type, payload) }]
  return Buffer.from(JSON.stringify({ payloadType: type, payload: payload.toString('base64'), signatures }))
}

/** A layer of its storage: the certificate and chain are there and empty with a key. */
function layer(bytes: Buffer, mediaType: string, signature: string) {
  const annotations = {
    'dev.cosignproject.cosign/signature': signature,
    'dev.sigstore.cosign/certificate': '',
    'dev.sigstore.cosign/chain': '',
  }
  return { bytes, mediaType, annotations }
}
const attestation = (bytes: Buffer) => layer(bytes, envelopeType, '')

const version02 = (): Buffer =>
  statement('https://slsa.dev/provenance/v0.2', { builder: { id: builder }, buildType: 'tekton.dev/v1beta1/TaskRun' })
const version1 = (): Buffer =>
  statement('https://slsa.dev/provenance/v1', {
    buildDefinition: { buildType: 'https://tekton.dev/chains/v2/slsa', resolvedDependencies: [{ uri: 'git+https://github.com/acme/app' }] },
    runDetails: { builder: { id: builder } },
  })

function signature(by: Signer, name: string) {
  const payload = simpleSigningPayload(name, index.descriptor.digest)
  return layer(payload, simpleSigningMediaType, sign('sha256', payload, keys[by].privateKey).toString('base64'))
}

async function reasonsOf(image: string, policy: string): Promise<{ readonly verdict: unknown; readonly codes: readonly string[] }> {
  writeFileSync(join(folder, 'chains.yaml'), policy)
  const { outputs, files } = await verify({ image, policy: 'chains.yaml' })
  const [manifest] = JSON.parse(files?.get('report') ?? '{"manifests":[]}').manifests
  return {
    verdict: outputs.get('verdict'),
    codes: (manifest?.attached ?? []).map((one: { reason?: { code: string } }) => one.reason?.code ?? 'trusted').sort(),
  }
}
const demanding = (source = ''): string =>
  `signers: [{ key: own.pub }]\nrequire: [{ predicate: slsa-provenance, builder: '${builder}'${source} }]\n`

describe('a .sig and an .att of Chains', () => {
  test.each([
    ['SLSA 0.2', () => [version02()], ''],
    ['SLSA 1', () => [version1()], ', source: https://github.com/acme/app'],
    ['several envelopes, of a task and its pipeline', () => [version02(), version1()], ', source: https://github.com/acme/app'],
  ])('are trusted: %s', async (_, statements, source) => {
    const { name, attach } = await scene()
    await attach([signature('own', name)], { tag: signatureTag(index.descriptor.digest) })
    await attach(
      statements().map((one) => attestation(envelope('own', one))),
      { tag: attTag() },
    )
    const { verdict, codes } = await reasonsOf(`${name}:1`, demanding(source))
    expect(verdict).toBe('pass')
    expect(new Set(codes)).toEqual(new Set(['trusted']))
  })

  test.each<[string, string, () => Buffer]>([
    ['unreadable', 'a layer that is no JSON', () => Buffer.from('not JSON')],
    [
      'unreadable',
      'an envelope without signatures',
      () => Buffer.from(JSON.stringify({ payloadType: inToto, payload: 'e30=', signatures: [] })),
    ],
    [
      'unreadable',
      'a payload that is no base64',
      () => Buffer.from(JSON.stringify({ payloadType: inToto, payload: '{}', signatures: [{ sig: '' }] })),
    ],
    ['unreadable', 'a statement in place of its envelope', version1],
    [
      'statement-invalid',
      'a statement of no predicate',
      () => envelope('own', Buffer.from('{"_type":"https://in-toto.io/Statement/v0.1","subject":[]}')),
    ],
    ['payload-type', 'a payload of Tekton', () => envelope('own', version1(), 'application/vnd.tekton+json')],
    ['key-mismatch', 'an envelope by another key', () => envelope('stranger', version1())],
  ])('%s: %s beside a good one, which counts', async (code, _, bad) => {
    const { name, attach } = await scene()
    await attach([signature('own', name)], { tag: signatureTag(index.descriptor.digest) })
    await attach([attestation(bad()), attestation(envelope('own', version1()))], { tag: attTag() })
    expect(await reasonsOf(`${name}:1`, demanding())).toEqual({ verdict: 'pass', codes: [code, 'trusted', 'trusted'].sort() })
  })

  test('the provenance of another builder is none', async () => {
    const { name, attach } = await scene()
    await attach([signature('own', name)], { tag: signatureTag(index.descriptor.digest) })
    const other = statement('https://slsa.dev/provenance/v0.2', { builder: { id: 'https://example.com' } })
    await attach([attestation(envelope('own', other))], { tag: attTag() })
    expect((await reasonsOf(`${name}:1`, demanding())).verdict).toBe('fail')
  })
})

describe('bundles of Chains', () => {
  const bundle = (by: Signer, type: string, payload: Buffer, sig = seal(by, type, payload)) => ({
    bytes: Buffer.from(
      JSON.stringify({
        mediaType: bundleMediaType,
        verificationMaterial: { publicKey: { hint: 'chains' } },
        dsseEnvelope: { payload: payload.toString('base64'), payloadType: type, signatures: [{ sig }] },
      }),
    ),
    mediaType: bundleMediaType,
  })

  test('its signature is of simple signing in an envelope: listed, and no signature; its provenance counts', async () => {
    const { name, attach, bundle: attachSignature } = await scene()
    const payload = simpleSigningPayload(name, index.descriptor.digest)
    const raw = sign('sha256', payload, keys.own.privateKey).toString('base64')
    await attach([bundle('own', simpleSigningMediaType, payload, raw)], { artifactType: bundleMediaType })
    await attach([bundle('own', inToto, version1())], { artifactType: bundleMediaType })
    expect(await reasonsOf(`${name}:1`, demanding())).toEqual({ verdict: 'fail', codes: ['payload-type', 'trusted'] })
    await attachSignature('own')
    expect((await reasonsOf(`${name}:1`, demanding())).verdict).toBe('pass')
  })

  test('a signature over a message is no envelope', async () => {
    const { name, attach } = await scene()
    const message = {
      mediaType: bundleMediaType,
      verificationMaterial: { publicKey: { hint: 'chains' } },
      messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: 'AAAA' },
    }
    await attach([{ bytes: Buffer.from(JSON.stringify(message)), mediaType: bundleMediaType }], { artifactType: bundleMediaType })
    expect(await reasonsOf(`${name}:1`, demanding())).toEqual({ verdict: 'fail', codes: ['unreadable'] })
  })
})

describe('a gate', () => {
  const digest = 'ab'.repeat(32)
  const summary = (verificationResult: string): Buffer =>
    statement('https://slsa.dev/verification_summary/v1', {
      ...{ verifier: { id: 'https://gate.example.com' }, timeVerified: new Date().toISOString(), resourceUri: 'oci://r' },
      ...{ policy: { uri: 'policy', digest: { sha256: digest } }, verificationResult, verifiedLevels: [] },
    })
  const wanted = `signers: [{ key: own.pub }]\nrequire: [{ predicate: vsa, verifier: https://gate.example.com, policy: 'sha256:${digest}', max-age: 1h }]\n`

  test.each([
    ['pass', 'PASSED', 'own', wanted],
    ['fail', 'FAILED', 'own', wanted],
    ['fail', 'PASSED', 'stranger', wanted],
    ['fail', 'PASSED', 'own', wanted.replaceAll('ab', 'cd')],
  ] as const)('%s: %s by %s', async (verdict, result, by, policy) => {
    const { name, attach, bundle } = await scene()
    await bundle('own')
    await attach([attestation(envelope(by, summary(result)))], { tag: attTag() })
    expect((await reasonsOf(`${name}:1`, policy)).verdict).toBe(verdict)
  })
})
