import type { Digest } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { coordinatesOf } from '../../domain/advisories/ecosystem.ts'
import { lookUp } from '../../domain/advisories/look-up.ts'
import type { Candidate } from '../../domain/findings/base.ts'
import { findIn, type Scanned } from '../../domain/findings/find.ts'
import { acrossPlatforms } from '../../domain/findings/finding.ts'
import { pullBytes, pullPieces } from '../../domain/oci/blobs.ts'
import { graphOf } from '../../domain/oci/graph.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { formatPlatform } from '../../domain/oci/platform.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { parseImageConfig } from '../../domain/oci/schema.ts'
import type { Descriptor, Manifest } from '../../domain/oci/types.ts'
import { inventoryOf } from '../../domain/packages/inventory.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { keptFolder } from './kept-folder.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>
type ScanContext = Context<'subject'>

interface Image {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

/** How many findings other images bring that could be the base, on these platforms. One that cannot be read is told, and left out. */
export async function candidatesOf(
  { baseCandidates, database }: Input,
  platforms: readonly string[],
  context: ScanContext,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = []
  for (const [done, name] of baseCandidates.entries()) {
    context.progress.doing(`looking into ${name}`, { done, total: baseCandidates.length, unit: 'items' })
    const findings = await told(name, context, () => findingsOf(name, { platforms, database: database ?? '', context }))
    if (findings !== undefined) candidates.push({ name, findings })
  }
  return candidates
}

/** The layers of an image at its registry, of all its platforms; none where it cannot be read. */
export async function layersOf(name: string, context: ScanContext): Promise<ReadonlySet<Digest>> {
  const images = await told(name, context, async () => (await open(name, context)).images)
  return new Set(images?.flatMap(({ manifest }) => manifest.layers.map(({ digest }) => digest)))
}

interface Look {
  readonly platforms: readonly string[]
  readonly database: string
  readonly context: ScanContext
}

async function findingsOf(name: string, { platforms, database, context }: Look): Promise<number> {
  const { repository, images } = await open(name, context)
  const scanned: Scanned[] = []
  for (const { descriptor, manifest } of images) {
    const config = parseImageConfig(await pullBytes(repository, manifest.config), `The configuration of ${descriptor.digest}`)
    const platform = formatPlatform(descriptor.platform ?? config)
    if (!platforms.includes(platform)) continue
    scanned.push({
      subject: { digest: descriptor.digest, platform },
      inventory: await inventoryOf(manifest, (layer) => pullPieces(repository, layer)),
    })
  }
  if (scanned.length === 0) throw new Error(`it has none of ${platforms.join(', ')}`)
  const asked = scanned.flatMap(({ inventory }) => inventory.packages.map(coordinatesOf)).filter((one) => typeof one !== 'string')
  const answers = await lookUp(database, asked, { ...context, workspace: context.files.workspace, folder: () => keptFolder(context) })
  return acrossPlatforms(scanned.flatMap((one) => findIn(one, answers).findings)).length
}

async function open(name: string, context: ScanContext): Promise<{ readonly repository: Repository; readonly images: readonly Image[] }> {
  const reference = parseReference(name)
  if (isReferenceFault(reference)) throw new Error(`as a reference it ${reference.error}`)
  const repository = connectRegistry(reference.registry, context).repository(reference.repository)
  const root = await getManifest(repository, reference.digest ?? reference.tag ?? 'latest')
  const { manifests } = await graphOf(root.descriptor, async (one) =>
    one.digest === root.descriptor.digest ? root : getManifest(repository, one),
  )
  return {
    repository,
    images: manifests.flatMap(({ descriptor, content }) =>
      content.kind === 'manifest' && descriptor.platform?.os !== 'unknown' ? [{ descriptor, manifest: content.manifest }] : [],
    ),
  }
}

/** Advice is no reason to fail a scan. */
async function told<T>(name: string, { log, signal }: ScanContext, read: () => Promise<T>): Promise<T | undefined> {
  return read().catch((error: unknown) => {
    signal.throwIfAborted()
    log.warn('a base image could not be looked into', { name, reason: messageOf(error) })
    return undefined
  })
}
