import { join } from 'node:path'
import { type Digest, sha256 } from '../../base/digest.ts'
import { compress } from '../../io/compress.ts'
import { factsOrNothing, readBytes } from '../../io/files.ts'
import { tarPieces } from '../../io/tar-writer.ts'
import { addEntry, createLayout, type Layout } from '../oci/layout.ts'
import { writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { blobsOf } from '../oci/layout-garbage.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../oci/types.ts'
import { readChartArchive } from './chart-archive.ts'
import type { ChartFile } from './chart-file.ts'
import { archiveEntries, readChartFolder } from './chart-folder.ts'
import { chartTypes } from './chart-types.ts'
import { type ChartVersions, withVersions } from './chart-version.ts'
import { chartInvalid } from './errors.ts'

/** In bytes: of a packed chart, as Helm unpacks no more than 100 MiB. */
const largest = 100 * 2 ** 20

export interface ChartRequest extends ChartVersions {
  /** Absolute: the folder of a chart, or its archive. */
  readonly chart: string
  /** Absolute. */
  readonly layout: string
  /** Where it is from, which what the chart says of itself goes before. */
  readonly origin: Readonly<Record<string, string>>
  /** The user's, before all but name and version. */
  readonly annotations: Readonly<Record<string, string>>
  /** Seconds since 1970. */
  readonly created: number
}

/** A chart in a layout. */
export interface ChartImage {
  readonly chart: ChartFile
  readonly descriptor: Descriptor
  /** Its archive, and the provenance file of `helm package --sign` where there is one. */
  readonly layers: readonly Descriptor[]
  /** Blobs that the layout had before. */
  readonly before: ReadonlySet<Digest>
}

/** Writes a chart into a layout as `helm push` would into a registry, the same files to the same bytes. @throws SW-CHART-INVALID, SW-TAR-…, SW-LAYOUT-… */
export async function writeChart(request: ChartRequest): Promise<ChartImage> {
  const kind = (await factsOrNothing(request.chart))?.kind
  if (kind === undefined) throw chartInvalid(`There is no chart at ${request.chart}: expected a folder with Chart.yaml, or a .tgz.`)
  const packed = kind === 'directory' ? await ofFolder(request) : await ofArchive(request)
  const layout = await createLayout(request.layout)
  const before = new Set(await blobsOf(layout))
  const manifest = await manifestOf(layout, packed, request)
  const descriptor = await writeManifest(layout, manifest)
  await addEntry(layout, descriptor, packed.chart.version)
  return { chart: packed.chart, descriptor, layers: manifest.layers, before }
}

interface Packed {
  readonly chart: ChartFile
  readonly archive: Buffer | AsyncIterable<Uint8Array>
  readonly provenance?: Buffer
}

async function ofFolder({ chart: folder, version, appVersion }: ChartRequest): Promise<Packed> {
  const path = join(folder, 'Chart.yaml')
  const found = await readChartFolder(folder)
  const { bytes, chart } = withVersions(await readBytes(path), { version, appVersion }, path)
  return { chart, archive: compress(tarPieces(archiveEntries({ ...found, chart }, bytes)), { algorithm: 'gzip', level: 9 }) }
}

/** As it is: its bytes are what somebody may have signed. */
async function ofArchive({ chart: path, version, appVersion }: ChartRequest): Promise<Packed> {
  if (version !== undefined || appVersion !== undefined)
    throw chartInvalid(`${path} is packed: its version is in it, and cannot be set.`, { hint: 'give the folder of the chart' })
  const archive = await readBytes(path, largest)
  const chart = await readChartArchive(archive, path)
  const provenance = `${path}.prov`
  if ((await factsOrNothing(provenance))?.kind !== 'file') return { chart, archive }
  return { chart, archive, provenance: requireSame(await readBytes(provenance, 2 ** 20), archive, provenance) }
}

/** A provenance file names the archive with its digest; its signature is checked by whoever installs, with `helm pull --verify`. */
function requireSame(provenance: Buffer, archive: Buffer, where: string): Buffer {
  const named = /^\s+\S+\.tgz: (sha256:[0-9a-f]{64})\s*$/m.exec(provenance.toString())?.[1]
  if (named === sha256(archive)) return provenance
  throw chartInvalid(`${where} is of an archive with ${named ?? 'no digest'}, and this one has ${sha256(archive)}.`)
}

async function manifestOf(layout: Layout, { chart, archive, provenance }: Packed, request: ChartRequest): Promise<Manifest> {
  const config = { mediaType: chartTypes.config, ...(await writeBlob(layout, goJson(chart))) }
  const content = { mediaType: chartTypes.content, ...(await writeBlob(layout, archive)) }
  const signed = provenance === undefined ? [] : [{ mediaType: chartTypes.provenance, ...(await writeBlob(layout, provenance)) }]
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    // In the order of their digests, as Helm writes them.
    layers: [content, ...signed].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
    annotations: annotationsOf(chart, request),
  }
}

const prefix = 'org.opencontainers.image'

/** Those that Helm writes; name and version are the chart's own, whatever it annotates. */
function annotationsOf(chart: ChartFile, { origin, annotations, created }: ChartRequest): Readonly<Record<string, string>> {
  const authors = chart.maintainers?.map(({ name, email }) => (email === undefined ? name : `${name} (${email})`)).join(', ')
  const own = {
    [`${prefix}.description`]: chart.description,
    [`${prefix}.url`]: chart.home,
    [`${prefix}.created`]: new Date(created * 1000).toISOString().replace('.000Z', 'Z'),
    [`${prefix}.source`]: chart.sources?.[0],
    [`${prefix}.authors`]: authors,
  }
  const told = Object.entries(own).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]))
  return {
    ...origin,
    ...Object.fromEntries(told),
    ...chart.annotations,
    ...annotations,
    [`${prefix}.title`]: chart.name,
    [`${prefix}.version`]: chart.version,
  }
}

/** JSON as Go writes it, so that the config has the digest that Helm gives it: empty fields are left out, `<`, `>` and `&` escaped. */
function goJson(chart: ChartFile): string {
  const sorted = Object.entries(chart.annotations ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const all = { ...chart, annotations: sorted.length === 0 ? undefined : Object.fromEntries(sorted) }
  const fields = Object.entries(all).filter(
    ([, value]) => value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0),
  )
  return JSON.stringify(Object.fromEntries(fields)).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
