import { sha256 } from '../../src/base/digest.ts'
import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import { request } from '../fakes/harbor/registry.ts'
import type { Hung, Image } from './before.ts'
import { type Contents, imageConfig } from './content.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** Pushes an image that is like the one that was there, but for bytes that nobody recorded. */
export async function push(harbor: FakeHarbor, { repository, digest, tags, manifest, view }: Image, contents: Contents): Promise<string> {
  const made =
    manifest === undefined
      ? await synthesised(harbor, { repository, digest, view, tags }, contents)
      : await withBlobs(harbor, { repository, manifest }, contents)
  const bytes = Buffer.from(contents.ours(JSON.stringify(made)))
  const type = String(Object(made).mediaType ?? manifestType)
  const own = sha256(bytes)
  await send(harbor, 'PUT', `/v2/${repository}/manifests/${own}`, { body: bytes, type })
  for (const tag of tags) await send(harbor, 'PUT', `/v2/${repository}/manifests/${tag}`, { body: bytes, type })
  if (digest !== undefined) contents.learn(digest, own)
  return own
}

export async function pushAccessory(
  harbor: FakeHarbor,
  { repository, subject, digest, artifactType, annotations }: Hung,
  contents: Contents,
): Promise<void> {
  const empty = Buffer.from('{}')
  await pushBlob(harbor, repository, empty)
  const blob = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: 2 }
  const layers = [{ ...blob, annotations: { of: digest } }]
  const of = { mediaType: manifestType, digest: contents.ours(subject), size: 401 }
  const isConfig = artifactType === 'application/vnd.oci.image.config.v1+json'
  const typed = isConfig ? { config: { ...blob, mediaType: artifactType } } : { artifactType, config: blob }
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    ...typed,
    layers,
    subject: of,
    ...(annotations === undefined ? {} : { annotations }),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  await send(harbor, 'PUT', `/v2/${repository}/manifests/${sha256(bytes)}`, { body: bytes, type: manifestType })
  contents.learn(digest, sha256(bytes))
}

async function withBlobs(
  harbor: FakeHarbor,
  { repository, manifest }: { repository: string; manifest: object },
  contents: Contents,
): Promise<object> {
  const { config, layers } = Object(manifest)
  for (const { digest, size } of [config, ...(layers ?? [])].filter(Boolean)) {
    await pushBlob(harbor, repository, contents.of(String(digest).slice('sha256:'.length), Number(size)))
  }
  return manifest
}

async function synthesised(
  harbor: FakeHarbor,
  { repository, digest, view, tags }: Omit<Image, 'manifest'>,
  contents: Contents,
): Promise<object> {
  const { references, media_type: configType, manifest_media_type: mediaType, annotations, artifact_type: artifactType } = Object(view)
  const seed = digest ?? `${repository}:${tags[0]}`
  const shared = { schemaVersion: 2, mediaType: mediaType ?? manifestType, ...(annotations === undefined ? {} : { annotations }) }
  if (Array.isArray(references) && references.length > 0) {
    const platforms = references.map(({ child_digest: child, platform: { OsFeatures: _, ...platform } }) => ({
      mediaType: manifestType,
      digest: child,
      size: 401,
      platform,
    }))
    return { ...shared, manifests: platforms }
  }
  const isImage = configType === undefined || String(configType).includes('image')
  const config = isImage ? imageConfig(seed) : Buffer.from('{}')
  const layer = Buffer.from(`layer of ${seed}`.repeat(20).slice(0, 200))
  await pushBlob(harbor, repository, config)
  await pushBlob(harbor, repository, layer)
  const type = String(configType ?? 'application/vnd.oci.image.config.v1+json')
  const own = artifactType === undefined || artifactType === configType ? {} : { artifactType }
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(layer), size: layer.length }]
  contents.learn('0'.repeat(64), '0'.repeat(64))
  return { ...shared, ...own, config: { mediaType: type, digest: sha256(config), size: config.length }, layers }
}

export async function pushBlob(harbor: FakeHarbor, repository: string, bytes: Buffer): Promise<void> {
  const begun = await send(harbor, 'POST', `/v2/${repository}/blobs/uploads/`)
  await send(harbor, 'PUT', `${begun.headers.get('location')}&digest=${sha256(bytes)}`, { body: bytes, type: 'application/octet-stream' })
}

/** Whether a repository has a blob, whoever may see it. */
export async function hasBlob(harbor: FakeHarbor, repository: string, bytes: Buffer): Promise<boolean> {
  return (await harbor.inner(request('HEAD', `/v2/${repository}/blobs/${sha256(bytes)}`))).status === 200
}

/** A step of an upload that was not recorded; gives the next location. */
export async function quietly(harbor: FakeHarbor, method: string, path: string, body?: Buffer): Promise<string> {
  const answer = await send(harbor, method, path, body === undefined ? {} : { body, type: 'application/octet-stream' })
  return answer.headers.get('location') ?? ''
}

async function send(
  harbor: FakeHarbor,
  method: string,
  path: string,
  { body, type }: { body?: Buffer; type?: string } = {},
): Promise<Response> {
  const authorization = `Basic ${Buffer.from('admin:admin-Passw0rd').toString('base64')}`
  const answer = await fetch(new URL(path, harbor.url), {
    method,
    headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  })
  if (answer.status >= 400) throw new Error(`staging: ${method} ${path} was answered by ${answer.status}: ${await answer.text()}`)
  return answer
}
