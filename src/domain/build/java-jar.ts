import { factsOrNothing, stampOf } from '../../io/files.ts'
import { readZip, readZipEntry, type ZipEntry } from '../../io/zip-reader.ts'

/** A jar or war on this machine. */
export interface Jar {
  /** Absolute. */
  readonly path: string
  /** {@link stampOf} the file, through symbolic links, taken before anything of it was read. */
  readonly stamp: string | undefined
  /** The main attributes of its manifest, by name in lower case (JAR File Specification). */
  readonly manifest: ReadonlyMap<string, string>
}

const manifestPath = 'META-INF/MANIFEST.MF'

/** Reads what a jar says of itself. @throws SW-ZIP-MALFORMED, SW-ZIP-LIMIT */
export async function readJar(path: string): Promise<Jar> {
  const found = await factsOrNothing(path)
  // Shaded jars have paths twice, which is theirs to bear: they stay packed.
  const [entry] = await readZip(path, { take: (name) => name === manifestPath, entries: 1_000_000 })
  const text = entry === undefined ? '' : (await readZipEntry(path, entry, 2 ** 20)).toString('utf8')
  return { path, stamp: found && stampOf(found), manifest: parseManifest(text) }
}

/** All files of a jar. */
export async function filesOfJar({ path }: Jar): Promise<readonly ZipEntry[]> {
  return (await readZip(path)).filter((entry) => !entry.path.endsWith('/'))
}

/** A value goes on in the next line after a blank; the main section ends with an empty line. */
function parseManifest(text: string): ReadonlyMap<string, string> {
  const all = text.split(/\r\n|\r|\n/)
  const end = all.indexOf('')
  const lines = (end < 0 ? all : all.slice(0, end)).join('\n').replaceAll('\n ', '').split('\n')
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^([\w-]+): (.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const]
    }),
  )
}
