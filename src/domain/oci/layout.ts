import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Digest } from '../../base/digest.ts'
import { ensureFolder, factsOrNothing, readBytes, writeAtomic } from '../../io/files.ts'
import { layoutCorrupt, layoutMissing, manifestInvalid, manifestMissing } from './errors.ts'
import { readManifest } from './layout-blobs.ts'
import { isIndexType, isLayoutFile, isManifestType, manifestLimits, parseIndex, subjectOf } from './schema.ts'
import { Turns } from './turns.ts'
import { type Descriptor, mediaTypes } from './types.ts'

/** An OCI image layout on disk (image-spec, image-layout.md) that was opened or made. */
export interface Layout {
  readonly folder: string
}

/** The annotation of an entry of `index.json` that names it. */
const refName = 'org.opencontainers.image.ref.name'

/** Opens the layout in a folder. Throws SW-LAYOUT-MISSING, SW-LAYOUT-CORRUPT. */
export async function openLayout(folder: string): Promise<Layout> {
  const marker = join(folder, 'oci-layout')
  if ((await factsOrNothing(marker))?.kind !== 'file')
    throw layoutMissing(`${folder} is not an OCI image layout: it has no file oci-layout.`)
  if (!isLayoutFile(await readBytes(marker, 4096))) throw layoutCorrupt(`${marker} is not that of a layout of version 1.0.0.`)
  await entriesOf({ folder })
  return { folder }
}

/** Opens the layout in a folder, or makes an empty one. Throws SW-LAYOUT-CORRUPT. */
export async function createLayout(folder: string): Promise<Layout> {
  await ensureFolder(join(folder, 'blobs', 'sha256'))
  const layout = { folder }
  if ((await factsOrNothing(join(folder, 'index.json'))) === undefined) await writeEntries(layout, [])
  const marker = join(folder, 'oci-layout')
  // Last: with this file the folder is a layout, and whole.
  if ((await factsOrNothing(marker)) === undefined) await writeAtomic(marker, '{"imageLayoutVersion":"1.0.0"}', { mode: 0o644 })
  return openLayout(folder)
}

/** The entries of `index.json`, in its order. */
export async function entriesOf(layout: Layout): Promise<readonly Descriptor[]> {
  const path = join(layout.folder, 'index.json')
  if ((await factsOrNothing(path)) === undefined) throw layoutCorrupt(`The layout at ${layout.folder} has no index.json.`)
  try {
    return parseIndex(await readBytes(path, manifestLimits.pull), path).manifests
  } catch (cause) {
    if (manifestInvalid.is(cause)) throw layoutCorrupt(cause.message, { cause })
    throw cause
  }
}

/** Adds an entry to `index.json`, at once; an entry of the same name gives way, and the same digest is not entered twice without a name. */
export async function addEntry(layout: Layout, descriptor: Descriptor, name?: string): Promise<void> {
  const { [refName]: old, ...annotations } = descriptor.annotations ?? {}
  const named = name ?? old
  const all = named === undefined ? annotations : { ...annotations, [refName]: named }
  const { annotations: _, ...bare } = descriptor
  const entry = Object.keys(all).length === 0 ? bare : { ...bare, annotations: all }
  await changeEntries(layout, (entries) => [...entries.filter((other) => !isReplaced(other, entry.digest, named)), entry])
}

/** Removes the entries with a digest from `index.json`, or only the one of a name; their blobs stay until garbage is collected. */
export async function removeEntry(layout: Layout, digest: Digest, name?: string): Promise<void> {
  await changeEntries(layout, (entries) =>
    entries.filter((entry) => entry.digest !== digest || (name !== undefined && nameOf(entry) !== name)),
  )
}

/**
 * The descriptor of a manifest or index in the layout: an entry of `index.json` or any child below one;
 * without a digest the only entry. Throws SW-MANIFEST-MISSING, SW-LAYOUT-CORRUPT.
 */
export async function resolveEntry(layout: Layout, digest?: Digest): Promise<Descriptor> {
  const entries = await entriesOf(layout)
  if (digest === undefined) {
    const digests = new Set(entries.map((entry) => entry.digest))
    const [only] = entries
    if (only !== undefined && digests.size === 1) return only
    throw manifestMissing(`The layout at ${layout.folder} has ${digests.size} entries, expected one.`, {
      hint: digests.size === 0 ? undefined : `Say which by its digest: ${[...digests].slice(0, 3).join(', ')}`,
    })
  }
  const found = await findBelow(layout, entries, digest)
  if (found === undefined) throw manifestMissing(`The layout at ${layout.folder} has no manifest ${digest}.`)
  return found
}

/** The entries of `index.json` whose manifest has a digest as its subject: signatures, attestations, SBOMs. */
export async function referrersIn(layout: Layout, digest: Digest): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = []
  for (const entry of await entriesOf(layout)) {
    if (!isManifestType(entry.mediaType) && !isIndexType(entry.mediaType)) continue
    if (subjectOf((await readManifest(layout, entry)).content)?.digest === digest) found.push(entry)
  }
  return found
}

/** The name of an entry of `index.json`. */
export function nameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[refName]
}

async function findBelow(layout: Layout, entries: readonly Descriptor[], digest: Digest): Promise<Descriptor | undefined> {
  const seen = new Set<Digest>()
  const waiting = [...entries]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (next.digest === digest && (isIndexType(next.mediaType) || isManifestType(next.mediaType))) return next
    if (seen.has(next.digest) || !isIndexType(next.mediaType)) continue
    seen.add(next.digest)
    const { content } = await readManifest(layout, next)
    if (content.kind === 'index') waiting.push(...content.index.manifests)
  }
  return undefined
}

function isReplaced(other: Descriptor, digest: Digest, name: string | undefined): boolean {
  const otherName = nameOf(other)
  return (otherName === undefined && other.digest === digest) || (name !== undefined && otherName === name)
}

const turns = new Turns()

/** One change at a time per folder: each reads what the one before wrote. */
async function changeEntries(layout: Layout, change: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> {
  await turns.take(layout.folder, async () => {
    const entries = await entriesOf(layout)
    const changed = change(entries)
    if (!isDeepStrictEqual(entries, changed)) await writeEntries(layout, changed)
  })
}

async function writeEntries(layout: Layout, manifests: readonly Descriptor[]): Promise<void> {
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  await writeAtomic(join(layout.folder, 'index.json'), JSON.stringify(index), { mode: 0o644 })
}
