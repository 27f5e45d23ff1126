/** A registry with an image, and what can be attached to it by keys at hand. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { pushArtifact } from '../../domain/oci/artifact.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
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
export const client = stack.use(testClient())
/** The workspace: TYPE.pub of each key is in it. */
export const folder = mkdtempSync(join(tmpdir(), 'slipway-verify-'))
export const keys = {
  own: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  large: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  plain: generateKeyPairSync('ed25519'),
  stranger: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}
const hashes: Partial<Record<string, string>> = { own: 'sha256', large: 'sha384', stranger: 'sha256' }
/** Methods of what was asked of the registry. */
export const asked: string[] = []
/** What the registry gives in place of what it has, by digest. */
export const answers = new Map<string, Buffer>()
export let address = ''
export let index: Loaded

/** Starts the registry, before all tests of a file. */
export async function start(): Promise<void> {
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
}

export async function stop(): Promise<void> {
  await stack.disposeAsync()
}

let count = 0
/** The index in a repository of its own, and what can be attached to it. */
export async function scene() {
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

export function bundleOf(by: keyof typeof keys, payload: Buffer): Buffer {
  const sig = signature(by, preAuthEncoding(statementPayload, payload)).toString('base64')
  const dsseEnvelope = { payload: payload.toString('base64'), payloadType: statementPayload, signatures: [{ sig }] }
  return Buffer.from(JSON.stringify({ mediaType: bundleMediaType, verificationMaterial: { publicKey: { hint: 'any' } }, dsseEnvelope }))
}

function signature(by: keyof typeof keys, data: Buffer): Buffer {
  const key: KeyObject = keys[by].privateKey
  return sign(hashes[by] ?? null, data, key)
}

export function plainly({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

export async function verify(
  inputs: Record<string, Raw>,
  record: ReleaseRecord = emptyRecord,
  http: Http = client.ports.http,
): Promise<Outcome> {
  const { ports } = fakePorts({ files: { workspace: folder, state: join(folder, '.slipway'), temporary: () => Promise.resolve(folder) } })
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(inputs)), record, ports: { ...ports, http } },
  )
}

/** A signature's statement with something before its predicate type. */
export const statementOf = (digest: Digest, more: string): Buffer =>
  Buffer.from(signatureStatement(digest).toString().replace('"predicateType"', more))
