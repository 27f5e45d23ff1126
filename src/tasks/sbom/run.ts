import { join, relative, resolve } from 'node:path'
import { formatCount } from '../../base/bytes.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { version } from '../../base/version.ts'
import { type Layout, openLayout } from '../../domain/oci/layout.ts'
import { imagesOf, type PlatformImage } from '../../domain/packages/images.ts'
import { inventoryOf } from '../../domain/packages/inventory.ts'
import { layerOpener } from '../../domain/packages/layer-opener.ts'
import type { Inventory } from '../../domain/packages/package.ts'
import { imageSubject, type Subject } from '../../domain/sbom/bill.ts'
import { cycloneDx } from '../../domain/sbom/cyclonedx.ts'
import { ensureFolder, writeAtomic } from '../../io/files.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { sbomUnscannable } from './errors.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>
type SbomContext = Context<'subject'>

interface Written {
  readonly image: PlatformImage
  readonly inventory: Inventory
  readonly format: string
  /** Relative to the workspace. */
  readonly path: string
  readonly file: Digest
}

export const run = implement(task, async (input, context) => {
  const layout = await openLayout(resolve(context.files.workspace, input.layout))
  const images = await imagesOf(layout, input.digest)
  const read = await inventories(images, layout, context)
  requireScannable(read, input, context)
  const written = await Promise.all(read.map(([image, inventory]) => write(image, inventory, { input, context })))
  const packages = new Set(read.flatMap(([, { packages: found }]) => found.map(({ purl }) => purl))).size
  return {
    outputs: { ...(await named(written, input, context)), packages },
    record: {
      sboms: written.map(({ image, inventory, format, path, file }) => ({
        subject: image.descriptor.digest,
        platform: image.platform,
        format,
        path,
        file,
        packages: inventory.packages.length,
      })),
    },
    headline: `${formatCount(packages)} package${packages === 1 ? '' : 's'} · CycloneDX 1.6${images.length === 1 ? '' : ' per platform'}`,
    summary: [summaryOf(written)],
  }
})

/** One platform after the other: each is read at the speed of the disk, and memory holds one at a time. */
async function inventories(
  images: readonly PlatformImage[],
  layout: Layout,
  context: SbomContext,
): Promise<readonly (readonly [PlatformImage, Inventory])[]> {
  const open = await layerOpener(layout, context)
  const read: (readonly [PlatformImage, Inventory])[] = []
  for (const image of images) {
    const total = image.manifest.layers.length
    const onLayer = (done: number): void => context.progress.doing(`reading ${image.platform}`, { done, total, unit: 'items' })
    read.push([image, await inventoryOf(image.manifest, open, onLayer)])
  }
  return read
}

function requireScannable(read: readonly (readonly [PlatformImage, Inventory])[], { unscannable }: Input, { log }: SbomContext): void {
  const all = read.flatMap(([{ platform }, inventory]) => inventory.unscannable.map((one) => ({ platform, ...one })))
  const [first] = all
  if (first === undefined) return
  if (unscannable === 'fail')
    throw sbomUnscannable(`${JSON.stringify(first.path)} of ${first.platform} cannot be read (${all.length} in all): ${first.why}`)
  for (const { platform, path, why } of all.slice(0, 20)) log.warn('not read, the SBOM is incomplete', { path, platform, why })
}

async function write(
  image: PlatformImage,
  inventory: Inventory,
  { input, context }: { readonly input: Input; readonly context: SbomContext },
): Promise<Written> {
  const text = cycloneDx({
    subject: subjectOf(image, input, context),
    inventory,
    created: createdAt(image, input, context),
    toolVersion: version,
  })
  const folder = resolve(context.files.workspace, input.folder)
  await ensureFolder(folder)
  const file = join(folder, `${image.platform.replaceAll('/', '-')}.cdx.json`)
  await writeAtomic(file, text, { mode: 0o644 })
  return { image, inventory, format: 'cyclonedx-1.6', path: relative(context.files.workspace, file), file: sha256(text) }
}

function subjectOf({ descriptor, config, platform }: PlatformImage, { image }: Input, { source }: SbomContext): Subject {
  const titled = image ?? config.config?.Labels?.['org.opencontainers.image.title'] ?? source.repository
  const name =
    titled
      ?.replace(/\.git$/, '')
      .split('/')
      .findLast((part) => part !== '') ?? 'image'
  return imageSubject({
    digest: descriptor.digest,
    name,
    ...(image === undefined ? {} : { repository: image }),
    platform,
    architecture: config.architecture,
  })
}

function createdAt({ config }: PlatformImage, { sourceDateEpoch }: Input, { environment }: SbomContext): string {
  const epoch = sourceDateEpoch ?? environment['SOURCE_DATE_EPOCH']
  const made = epoch === undefined ? new Date(config.created ?? 0) : new Date(Number(epoch) * 1000)
  return `${(Number.isNaN(made.getTime()) ? new Date(0) : made).toISOString().slice(0, 19)}Z`
}

/** What the outputs name: the only SBOM, or a list of all in the form of sha256sum(1). */
async function named(
  written: readonly Written[],
  { folder }: Input,
  { files }: SbomContext,
): Promise<{ sbom: string; sbomDigest: Digest }> {
  const [only, ...others] = written
  if (only !== undefined && others.length === 0) return { sbom: only.path, sbomDigest: only.file }
  const list = written.map(({ path, file }) => `${file.slice('sha256:'.length)}  ${path}\n`).join('')
  const path = join(resolve(files.workspace, folder), 'SHA256SUMS')
  await writeAtomic(path, list, { mode: 0o644 })
  return { sbom: relative(files.workspace, path), sbomDigest: sha256(list) }
}

function summaryOf(written: readonly Written[]): Block {
  const rows = written.map(({ image, inventory: { distro, packages }, path }) => [
    image.platform,
    distro === undefined ? '' : `${distro.id} ${distro.version}`.trim(),
    countsOf(packages.map(({ type }) => type)),
    path,
  ])
  return { kind: 'table', title: 'SBOM', columns: ['platform', 'system', 'packages', 'file'], rows }
}

/** `120 deb, 92 npm`, most first. */
function countsOf(types: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  const parts = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([type, count]) => `${formatCount(count)} ${type}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
