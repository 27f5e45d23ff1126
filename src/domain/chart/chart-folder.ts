import { join } from 'node:path'
import { factsOrNothing, readBytes, readSmallSync, walk } from '../../io/files.ts'
import type { TarEntry } from '../../io/tar-entry.ts'
import { readChartArchive } from './chart-archive.ts'
import { type ChartFile, parseChartFile, parseRequirements } from './chart-file.ts'
import { chartInvalid } from './errors.ts'
import { parseHelmignore } from './helmignore.ts'

/** What Helm loads at most: of one file, and of all together, in bytes (helm.sh/helm/v3/pkg/chart/loader). */
export const chartLimits = { file: 5 * 2 ** 20, all: 100 * 2 ** 20 } as const

const never = /^\.slipway$|(?:^|\/)\.git$/

/** A chart as files. */
export interface ChartFolder {
  readonly chart: ChartFile
  /** What goes into its archive, without Chart.yaml: relative to the chart, sorted. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[]
}

/**
 * Reads a chart from its folder, as `helm package` would: what `.helmignore` leaves in, with all dependencies; but never the repository's
 * data, which may hold a credential, nor what runs of ours left there, or no two packages would be the same. @throws SW-CHART-INVALID
 */
export async function readChartFolder(folder: string): Promise<ChartFolder> {
  const chartPath = join(folder, 'Chart.yaml')
  const chart = parseChartFile(await readBytes(chartPath, chartLimits.file), chartPath)
  const files = await filesOf(folder)
  const wanted = chart.apiVersion === 'v1' ? requirementsIn(files, folder) : chart.dependencies?.map(({ name }) => name)
  await requireDependencies(wanted ?? [], files, folder)
  return { chart, files: files.filter(({ path }) => path !== 'Chart.yaml') }
}

async function filesOf(folder: string): Promise<ChartFolder['files']> {
  const ignoreFile = join(folder, '.helmignore')
  const isThere = (await factsOrNothing(ignoreFile))?.kind === 'file'
  const ignored = parseHelmignore(isThere ? (await readBytes(ignoreFile, 2 ** 20)).toString() : '')
  const found: { path: string; bytes: Buffer }[] = []
  let all = 0
  const take = (path: string, kind: string): boolean =>
    !never.test(path) && (path === '.helmignore' || !ignored(path, kind === 'directory'))
  for await (const { path, kind, size } of walk(folder, { take })) {
    if (kind === 'directory') continue
    if (kind !== 'file') throw chartInvalid(`${path} of ${folder} is a link or no file, expected files: put a copy in its place.`)
    all += size
    if (size > chartLimits.file || all > chartLimits.all)
      throw chartInvalid(`${path} of ${folder}: Helm loads no file beyond 5 MiB and no chart beyond 100 MiB; leave it out by .helmignore.`)
    const [bytes] = readSmallSync([join(folder, path)], chartLimits.file)
    if (bytes !== undefined) found.push({ path, bytes })
  }
  return found
}

function requirementsIn(files: ChartFolder['files'], folder: string): readonly string[] {
  const file = files.find(({ path }) => path === 'requirements.yaml')
  return file === undefined ? [] : (parseRequirements(file.bytes, join(folder, file.path)) ?? []).map(({ name }) => name)
}

/** What is in charts/, by the name of each chart: a folder or an archive. */
async function requireDependencies(wanted: readonly string[], files: ChartFolder['files'], folder: string): Promise<void> {
  if (wanted.length === 0) return
  const present = new Set<string>()
  for (const { path, bytes } of files) {
    if (/^charts\/[^/]+\/Chart\.yaml$/.test(path)) present.add(parseChartFile(bytes, join(folder, path)).name)
    else if (/^charts\/[^/_.][^/]*\.tgz$/.test(path)) present.add((await readChartArchive(bytes, join(folder, path))).name)
  }
  const missing = wanted.filter((name) => !present.has(name))
  if (missing.length === 0) return
  throw chartInvalid(`${folder}: ${missing.join(', ')} is a dependency of the chart and not in charts/.`, {
    hint: `helm dependency update ${folder}`,
  })
}

/** The members of the archive, all below the name of the chart; the same files give the same bytes. */
export function archiveEntries({ chart, files }: ChartFolder, chartYaml: Buffer): readonly TarEntry[] {
  const common = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1 } as const
  const all = [{ path: 'Chart.yaml', bytes: chartYaml }, ...files]
  return all.map(({ path, bytes }) => ({ ...common, path: `${chart.name}/${path}`, size: bytes.length, content: bytes }))
}
