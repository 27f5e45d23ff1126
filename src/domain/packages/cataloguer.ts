import type { Digest } from '../../base/digest.ts'
import type { Distro, Location, Package } from './package.ts'

/** What a package says of itself; where it is and how it is identified is added when all layers have been read. */
export type Draft = Omit<Package, 'purl' | 'distro' | 'locations' | 'dependsOn'> & {
  /** What it is called within its file, where that says exactly what needs what: `needs` are such keys then. */
  readonly key?: string
  /** Names of packages that it needs, as its ecosystem writes them. */
  readonly needs?: readonly string[]
  /** Names besides its own that others may need it by. */
  readonly provides?: readonly string[]
  /** Path within the file that tells of it, when that is an archive. */
  readonly inside?: string
  /** Qualifiers of the purl that an ecosystem has of its own. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>
}

/** One package at one place. */
export interface Placed {
  readonly draft: Draft
  readonly purl: string
  readonly location: Location
}

/** A regular file of a layer. */
export interface LayerFile {
  /** Without a leading slash, without `.` and `..`. */
  readonly path: string
  /** In bytes. */
  readonly size: number
}

/** What a file told. */
export interface Told {
  readonly packages: readonly Draft[]
  readonly distro?: Distro
  /** Why not all of it could be read. */
  readonly unscannable?: string
  /** Licences of another package, which this file is about: those of the package of a distribution with this name. */
  readonly licensesOf?: { readonly package: string; readonly licenses: readonly string[] }
  /** Who reads the whole file once more, as it was found to have what cannot be read while it comes by. */
  readonly again?: Cataloguer
}

/** What a file told, and the layer that has it. */
export interface Find {
  readonly told: Told
  readonly layer?: Digest
}

/** Knows one kind of file that tells of packages. */
export interface Cataloguer {
  /** Whether to read a file at all: judged by its path, for every file of every layer. */
  wants(file: LayerFile): boolean
  /** Throws whatever it meets: the file is then `unscannable`. Must not keep the pieces. */
  read(file: LayerFile, body: AsyncIterable<Buffer>): Promise<Told>
}

/** A cataloguer of files small enough to be read whole; larger ones are unscannable. `limit` in bytes. */
export function wholeFile(options: {
  readonly limit: number
  wants(path: string): boolean
  read(bytes: Buffer, path: string): Told
}): Cataloguer {
  return {
    wants: ({ path }) => options.wants(path),
    read: async (file, body) => options.read(await wholeBytes(file, body, options.limit), file.path),
  }
}

/** The bytes of a file; of one larger than `limit` it throws. They are copied: the memory of pieces is used again. */
export async function wholeBytes({ size }: LayerFile, body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  if (size > limit) throw new Error(`it has ${size} bytes, expected at most ${limit}`)
  const bytes = Buffer.allocUnsafe(size)
  let done = 0
  for await (const piece of body) done += piece.copy(bytes, done)
  return bytes.subarray(0, done)
}
