import { join } from 'node:path'
import * as v from 'valibot'
import { type Digest, hexOf, isDigest, sha256 } from '../../base/digest.ts'
import { ensureFolder, readText, touch, writeAtomic } from '../../io/files.ts'
import { type Secret, seal, unseal } from './seal.ts'

/** A layer as it was compressed once. */
export interface CachedLayer {
  /** Of the tar before compression. */
  readonly diffId: Digest
  /** {@link encoderId} of what compressed it. */
  readonly encoder: string
  readonly digest: Digest
  /** In bytes, compressed and not. */
  readonly size: number
  readonly unpacked: number
}

export interface LayerRecord extends CachedLayer {
  /** {@link identityOf} its blob when it was known to be whole. */
  readonly blob: string
  /** In their order. */
  readonly pieces: readonly PieceRow[]
}

/** Of {@link PieceFacts}, '' for no stamp; then where it is in the blob, and its bytes there. */
export type PieceRow = readonly [stamp: string, crc: number, dictionaryCrc: number, size: number, start: number, compressed: number]

export interface Records {
  /** Of one diffID and encoder. A record that is damaged is none. */
  readLayer(id: string): Promise<{ record: LayerRecord; isTrusted: boolean } | undefined>
  writeLayer(record: LayerRecord): Promise<void>
  /** The layer's id that a tree of files in one state gives; only when it is trusted. */
  readTree(tree: string): Promise<string | undefined>
  writeTree(tree: string, record: CachedLayer): Promise<void>
  /** Notes that a layer is used now. */
  touchLayer(record: CachedLayer): Promise<void>
  readonly folders: { readonly layers: string; readonly trees: string }
}

const limit = 32 * 2 ** 20
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value))
const pieceSize = v.pipe(count, v.maxValue(16 * 2 ** 20))

const layerSchema = v.object({
  diffId: digest,
  encoder: v.string(),
  digest,
  size: count,
  unpacked: count,
  blob: v.string(),
  pieces: v.array(v.strictTuple([v.string(), count, count, pieceSize, count, pieceSize])),
}) satisfies v.GenericSchema<unknown, LayerRecord>

/** The name of a layer's record: what compresses the same tar in the same way gives the same bytes. */
export function layerId({ diffId, encoder }: Pick<CachedLayer, 'diffId' | 'encoder'>): string {
  return hexOf(sha256(`${encoder}\n${diffId}`))
}

/** The records in the folder of a cache, sealed with a secret. */
export function recordsIn(folder: string, secret: Secret | undefined): Records {
  const folders = { layers: join(folder, 'layers'), trees: join(folder, 'trees') }
  const read = async (kind: keyof typeof folders, name: string): Promise<{ text: string; isTrusted: boolean } | undefined> => {
    const sealed = await readText(join(folders[kind], name), limit).catch(() => '')
    return unseal(secret, `${kind}/${name}`, sealed)
  }
  const write = async (kind: keyof typeof folders, name: string, text: string): Promise<void> => {
    await ensureFolder(folders[kind])
    await writeAtomic(join(folders[kind], name), seal(secret, `${kind}/${name}`, text), { mode: 0o644 })
  }
  return {
    folders,
    async readLayer(id) {
      const found = await read('layers', id)
      const record = found === undefined ? undefined : parseLayer(found.text)
      return found === undefined || record === undefined || layerId(record) !== id ? undefined : { record, isTrusted: found.isTrusted }
    },
    writeLayer: (record) => write('layers', layerId(record), JSON.stringify(record)),
    async readTree(tree) {
      const found = await read('trees', tree)
      return found?.isTrusted === true && /^[0-9a-f]{64}$/.test(found.text) ? found.text : undefined
    },
    writeTree: (tree, record) => write('trees', tree, layerId(record)),
    touchLayer: (record) => touch(join(folders.layers, layerId(record))),
  }
}

function parseLayer(text: string): LayerRecord | undefined {
  try {
    const parsed = v.safeParse(layerSchema, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}
