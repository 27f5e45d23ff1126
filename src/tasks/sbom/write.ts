import { join, relative, resolve } from 'node:path'
import { type Digest, sha256 } from '../../base/digest.ts'
import { endingOf, type FormatName, formats } from '../../domain/sbom/format.ts'
import { ensureFolder, writeAtomic } from '../../io/files.ts'
import type { Input, Listed, SbomContext } from './listed.ts'

/** An SBOM in the workspace. */
export interface Written {
  readonly listed: Listed
  /** `cyclonedx-1.6` */
  readonly format: string
  readonly text: string
  /** Relative to the workspace. */
  readonly path: string
  readonly file: Digest
}

/** Writes each list in each format; an SBOM of someone else for which no format is asked for stays as it is, byte for byte. */
export async function writeAll(
  listed: readonly Listed[],
  asked: readonly FormatName[],
  { input, context }: { readonly input: Input; readonly context: SbomContext },
): Promise<readonly Written[]> {
  const folder = resolve(context.files.workspace, input.folder)
  await ensureFolder(folder)
  const written: Written[] = []
  for (const one of listed) {
    for (const { format, text } of textsOf(one, asked)) {
      const file = join(folder, `${one.name}.${endingOf(format)}`)
      await writeAtomic(file, text, { mode: 0o644 })
      written.push({ listed: one, format, text, path: relative(context.files.workspace, file), file: sha256(text) })
    }
  }
  return written
}

function textsOf({ bill, original }: Listed, asked: readonly FormatName[]): readonly { readonly format: string; readonly text: string }[] {
  if (original !== undefined && asked.length === 0) {
    const { format, formatVersion } = original.document
    return [{ format: `${format.toLowerCase()}-${formatVersion}`, text: original.text }]
  }
  const names: readonly FormatName[] = asked.length === 0 ? ['cyclonedx-1.6'] : asked
  return names.map((format) => ({ format, text: formats[format].write(bill) }))
}

/** What the outputs name: the only SBOM, or a list of all in the form of sha256sum(1). */
export async function nameAll(
  written: readonly Written[],
  { folder }: Input,
  { files }: SbomContext,
): Promise<{ readonly sbom: string; readonly sbomDigest: Digest }> {
  const [only, ...others] = written
  if (only !== undefined && others.length === 0) return { sbom: only.path, sbomDigest: only.file }
  const list = written.map(({ path, file }) => `${file.slice('sha256:'.length)}  ${path}\n`).join('')
  const path = join(resolve(files.workspace, folder), 'SHA256SUMS')
  await writeAtomic(path, list, { mode: 0o644 })
  return { sbom: relative(files.workspace, path), sbomDigest: sha256(list) }
}
