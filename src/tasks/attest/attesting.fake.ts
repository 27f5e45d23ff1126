import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import type { Digest } from '../../base/digest.ts'
import { pullBytes } from '../../domain/oci/blobs.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import { childrenOf } from '../../domain/oci/schema.ts'
import type { Descriptor, Manifest } from '../../domain/oci/types.ts'
import { bundleMediaType } from '../../domain/sigstore/formats/bundle.ts'
import { generateKeys } from '../../domain/sigstore/keys/generate.ts'
import { isSignedBy, parsePublicKey } from '../../domain/sigstore/keys/public-key.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

export const password = 'canary-password-of-the-key'
export const pair = generateKeys('p256', password)
export const publicKey = parsePublicKey(pair.publicKey, 'the test’s key')
export const cyclonedx = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 }
export const review = 'https://example.com/review/v1'

interface Given {
  readonly record?: ReleaseRecord
  readonly ports?: Partial<Ports>
}

/** An index at a registry, a key, and two predicates as sbom.json and review.json. */
export interface Attesting {
  readonly scene: RegistryScene
  readonly index: Loaded
  /** The platforms of the index. */
  readonly children: readonly Descriptor[]
  /** registry/repository */
  readonly name: string
  put(path: string, content: string | object): void
  attest(inputs?: Record<string, Raw>, given?: Given): Promise<{ readonly outcome: Outcome; readonly recorded: Recorded }>
  /** The requests that changed something. */
  writes(): readonly string[]
  manifestOf(reference: string | Descriptor): Promise<Manifest>
  /** The statements in the bundles of the index, by the order of their types; signatures checked. */
  statements(): Promise<readonly Record<string, string>[]>
}

/** Only the predicates in files. */
export function only(files: string, more: Record<string, Raw> = {}): Record<string, Raw> {
  return { predicates: 'none', files, ...more }
}

export async function openAttesting(): Promise<Attesting> {
  const scene = await openRegistryScene()
  const put = (path: string, content: string | object): void =>
    writeFileSync(join(scene.folder, path), typeof content === 'string' ? content : JSON.stringify(content))
  put('cosign.key', pair.privateKey)
  put('sbom.json', cyclonedx)
  put('review.json', { by: ['two', 'people'] })
  const index = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, index.descriptor.digest, scene.repository)
  scene.registry.log.length = 0
  scene.registry.asked.length = 0
  const name = `${scene.registry.address}/team/app`
  const manifestOf = async (reference: string | Descriptor): Promise<Manifest> => {
    const { content } = await getManifest(scene.repository, reference)
    if (content.kind !== 'manifest') throw new Error('it is an index')
    return content.manifest
  }
  return {
    ...{ scene, index, name, put, manifestOf },
    children: childrenOf(index.content),
    attest: (inputs, given) => attest(scene, { image: `${name}@${index.descriptor.digest}`, ...inputs }, given),
    writes: () => scene.registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line)),
    statements: () => statements(scene, index.descriptor.digest, manifestOf),
  }
}

async function attest(scene: RegistryScene, inputs: Record<string, Raw>, { record = emptyRecord, ports: more = {} }: Given = {}) {
  const files = { workspace: scene.folder, state: join(scene.folder, '.slipway'), temporary: () => Promise.resolve(scene.folder) }
  const { ports, recorded } = fakePorts({ files })
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    {
      inputs: new Map(Object.entries({ key: 'cosign.key', 'key-password': password, ...inputs }).filter(([, value]) => value !== '')),
      record,
      ports: { ...ports, http: scene.client.ports.http, ...more },
    },
  )
  return { outcome, recorded }
}

async function statements({ repository }: RegistryScene, digest: Digest, manifestOf: Attesting['manifestOf']) {
  const found: Record<string, string>[] = []
  for (const referrer of await listReferrers(repository, digest, bundleMediaType)) {
    const { layers } = await manifestOf(referrer)
    const { dsseEnvelope } = JSON.parse((await pullBytes(repository, layers[0] ?? referrer)).toString())
    const payload = Buffer.from(dsseEnvelope.payload, 'base64')
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload])
    expect(isSignedBy(publicKey, encoded, Buffer.from(dsseEnvelope.signatures[0].sig, 'base64'))).toBe(true)
    found.push(JSON.parse(payload.toString()))
  }
  return found.toSorted((a, b) => (String(a['predicateType']) < String(b['predicateType']) ? -1 : 1))
}
