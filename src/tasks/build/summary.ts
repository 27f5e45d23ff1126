import { formatBytes, formatCount } from '../../base/bytes.ts'
import { type Digest, shortDigest } from '../../base/digest.ts'
import type { ImageLayer, PlatformImage } from '../../domain/build/image.ts'
import type { BuiltImage } from '../../domain/build/request.ts'
import { formatPlatform } from '../../domain/oci/platform.ts'
import type { Block } from '../../spec/ports.ts'

/** What is told of an image, however it was made. */
type ShownImage = Pick<BuiltImage, 'descriptor' | 'images' | 'before'> & {
  readonly [K in 'base' | 'plan' | 'credentials']?: BuiltImage[K] | undefined
}

/** `sha256:3f2a91… · linux/amd64, linux/arm64 · 5 layers, 1 new · 48.2 MB`. */
export function headline({ descriptor, images, before }: ShownImage): string {
  const layers = new Map(images.flatMap((image) => image.layers.map((layer): [Digest, ImageLayer] => [layer.digest, layer])))
  const fresh = [...layers.values()].filter(({ digest, at }) => at === undefined && !before.has(digest)).length
  const size = [...layers.values()].reduce((sum, one) => sum + one.size, 0)
  return [
    shortDigest(descriptor.digest),
    images.map(({ platform }) => formatPlatform(platform)).join(', '),
    `${layers.size} layer${layers.size === 1 ? '' : 's'}, ${fresh} new`,
    formatBytes(size),
  ].join(' · ')
}

/** The image in a line, and its layers as a table. */
export function summarise(built: ShownImage, way: string): readonly Block[] {
  const { descriptor, base, plan, images, credentials = [] } = built
  const facts = [
    ...(base === undefined ? [] : [`base ${base.name}${base.digest === undefined ? '' : ` (${base.digest})`}`]),
    ...(plan === undefined ? [] : [`plan ${plan.name}: ${plan.why}`]),
  ]
  const lines = [descriptor.digest, ...(facts.length === 0 ? [] : [facts.join(', ')]), way]
  const left = credentials.filter(({ isTaken }) => !isTaken).map(({ path }) => path)
  const taken = credentials.filter(({ isTaken }) => isTaken).map(({ path }) => path)
  return [
    { kind: 'text', text: lines.join('\n') },
    ...(taken.length === 0 ? [] : [{ kind: 'text', text: `In the image, with names of credentials: ${taken.join(', ')}` } as const]),
    ...(left.length === 0
      ? []
      : [{ kind: 'text', text: `Left out for their names, which are those of credentials: ${left.join(', ')}` } as const]),
    {
      kind: 'table',
      title: 'Layers',
      columns: ['platform', 'layer', 'files', 'size', 'state', 'digest'],
      rows: images.flatMap((image) => rowsOf(image, built)),
    },
  ]
}

function rowsOf({ platform, layers }: PlatformImage, { before }: ShownImage): readonly (readonly string[])[] {
  return layers.map(({ name, files, size, digest, at }) => [
    formatPlatform(platform),
    name,
    files === undefined ? '' : formatCount(files),
    formatBytes(size),
    at === undefined ? (before.has(digest) ? 'kept' : 'new') : `at ${at}`,
    shortDigest(digest),
  ])
}
