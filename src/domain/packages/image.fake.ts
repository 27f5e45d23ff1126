import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { writeImage } from '../../../test/fakes/image.ts'
import type { TarEntry } from '../../io/tar-entry.ts'
import { checksumOf } from '../../io/tar-header.ts'
import { tarPieces } from '../../io/tar-writer.ts'
import { createLayout, type Layout } from '../oci/layout.ts'
import type { Loaded } from '../oci/layout-blobs.ts'
import { openBlob } from '../oci/layout-blobs.ts'
import { inventoryOf } from './inventory.ts'
import type { Inventory } from './package.ts'

/** A layer by its paths: a text or bytes are a file, `null` a folder, an array is `[link type, target]` or bytes with a mode. */
export type LayerFiles = Readonly<
  Record<string, string | Buffer | null | readonly ['hardlink' | 'symlink', string] | readonly [number, Buffer]>
>

/** The layer as a gzip-compressed archive; paths are written as they are, also bad ones. */
export async function packLayer(files: LayerFiles): Promise<Buffer> {
  const members = await Promise.all(Object.entries(files).map(([path, content]) => memberOf(path, content)))
  return gzipSync(Buffer.concat([...members, Buffer.alloc(1024)]))
}

/** Our writer refuses a path that leads out of the archive, or begins with `./`: it is put into the header afterwards. */
async function memberOf(path: string, content: LayerFiles[string]): Promise<Buffer> {
  const isPlain = !path.split('/').some((part) => part === '.' || part === '..' || part === '')
  const whole = await buffer(tarPieces([entryOf(isPlain ? path : 'x'.repeat(path.length), content)]))
  const member = whole.subarray(0, -1024)
  if (!isPlain) {
    member.write(path, 0, 'latin1')
    member.write(`${checksumOf(member.subarray(0, 512)).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  }
  return member
}

/** An image of one platform in a new layout, with these layers. */
export async function imageOf(folder: string, layers: readonly LayerFiles[]): Promise<{ layout: Layout; image: Loaded }> {
  const layout = await createLayout(folder)
  return { layout, image: await writeImage(layout, await Promise.all(layers.map(packLayer))) }
}

/** What an image of these layers is found to hold. */
export async function inventoryOfLayers(folder: string, layers: readonly LayerFiles[]): Promise<Inventory> {
  const { layout, image } = await imageOf(folder, layers)
  if (image.content.kind !== 'manifest') throw new Error('an index was written')
  return inventoryOf(image.content.manifest, (layer) => openBlob(layout, layer))
}

function entryOf(path: string, content: LayerFiles[string]): TarEntry {
  const common = { path, mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 0 }
  if (content === null) return { ...common, type: 'directory', mode: 0o755 }
  if (typeof content === 'string' || Buffer.isBuffer(content)) return fileOf(common, Buffer.from(content))
  const [first, second] = content
  if (typeof first === 'number' && Buffer.isBuffer(second)) return { ...fileOf(common, second), mode: first }
  if (typeof first === 'string' && typeof second === 'string') return { ...common, type: first, link: second }
  throw new Error(`no entry: ${path}`)
}

function fileOf(common: Omit<TarEntry, 'type'>, content: Buffer): TarEntry {
  return { ...common, type: 'file', size: content.length, content }
}
