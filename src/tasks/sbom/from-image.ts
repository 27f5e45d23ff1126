import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { algorithmOf } from '../../base/digest.ts'
import { version } from '../../base/version.ts'
import { type Layout, openLayout } from '../../domain/oci/layout.ts'
import { readBlob } from '../../domain/oci/layout-blobs.ts'
import { imagesOf, type PlatformImage } from '../../domain/packages/images.ts'
import { inventoryOf } from '../../domain/packages/inventory.ts'
import { layerOpener } from '../../domain/packages/layer-opener.ts'
import { imageSubject, type Subject } from '../../domain/sbom/bill.ts'
import { authorOf } from './author.ts'
import { sbomNothing } from './errors.ts'
import { epochOf, type Input, type Listed, type SbomContext, timestamp } from './listed.ts'

/** The images of a layout with it. @throws SW-SBOM-NOTHING and the errors of layouts */
export async function openImages(
  { layout, digest }: Input,
  { files }: SbomContext,
): Promise<{ readonly opened: Layout; readonly images: readonly PlatformImage[] }> {
  if (layout === undefined) throw sbomNothing('Neither an image in a layout, `source` nor `from` is given.')
  const opened = await openLayout(resolve(files.workspace, layout))
  return { opened, images: await imagesOf(opened, digest) }
}

/** What each platform holds, one after the other: each is read at the speed of the disk, and memory holds one at a time. */
export async function listImages(input: Input, context: SbomContext): Promise<readonly Listed[]> {
  const { opened, images } = await openImages(input, context)
  const open = await layerOpener(opened, context)
  const listed: Listed[] = []
  for (const image of images) {
    const { platform, config, descriptor, manifest } = image
    const total = manifest.layers.length
    const onLayer = (done: number): void => context.progress.doing(`reading ${platform}`, { done, total, unit: 'items' })
    listed.push({
      bill: {
        subject: await subjectOf(image, opened, { input, context }),
        inventory: await inventoryOf(manifest, open, onLayer),
        created: timestamp(epochOf(input, context) ?? config.created),
        toolVersion: version,
        ...authorOf(input, context, config.config?.Labels),
      },
      name: platform.replaceAll('/', '-'),
      title: platform,
      image: { digest: descriptor.digest, platform },
    })
  }
  return listed
}

async function subjectOf(
  { descriptor, config, platform }: PlatformImage,
  layout: Layout,
  { input: { image }, context }: { readonly input: Input; readonly context: SbomContext },
): Promise<Subject> {
  const titled = image ?? config.config?.Labels?.['org.opencontainers.image.title'] ?? context.source.repository
  const name =
    titled
      ?.replace(/\.git$/, '')
      .split('/')
      .findLast((part) => part !== '') ?? 'image'
  const { digest } = descriptor
  return imageSubject({
    ...{ digest, name, platform, architecture: config.architecture },
    ...(algorithmOf(digest) === 'sha512'
      ? {}
      : {
          sha512: createHash('sha512')
            .update(await readBlob(layout, descriptor))
            .digest('hex'),
        }),
    ...(image === undefined ? {} : { repository: image }),
  })
}
