import { createHash } from 'node:crypto'
import { basename } from 'node:path/posix'
import { readZip, readZipEntry, type ZipEntry, type ZipSource } from '../../../io/zip-reader.ts'
import { type Cataloguer, type Draft, wholeBytes } from '../cataloguer.ts'
import { headers } from '../headers.ts'
import { knownGroup } from './java-groups.ts'

const archive = /\.(?:jar|war|ear|par|sar|nar|jpi|hpi)$/i
const properties = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/
const manifest = 'META-INF/MANIFEST.MF'
/** In bytes: of an archive, and of all archives within one; nested so deep. */
const most = { archive: 512 * 2 ** 20, nested: 512 * 2 ** 20, depth: 5 } as const

/** In characters, as on every disk; names within an archive have no limit of their own. */
const longestName = 255

/** Java archives with the ones in them (Spring Boot, wars), read in memory; what Maven left in them says what they are. */
export const java: Cataloguer = {
  wants: ({ path }) => archive.test(path),
  read: async (file, body) => {
    const budget = { left: most.nested }
    const bytes = await wholeBytes(file, body, most.archive)
    return { packages: await packagesIn({ name: file.path, bytes }, { inside: '', depth: 0, budget }) }
  },
}

interface Place {
  /** Path within the outermost archive; `''` for that one. */
  readonly inside: string
  readonly depth: number
  readonly budget: { left: number }
}

async function packagesIn(source: Exclude<ZipSource, string>, place: Place): Promise<readonly Draft[]> {
  const take = (path: string): boolean => properties.test(path) || path === manifest || archive.test(path)
  const entries = await readZip(source, { take, entries: 1_000_000 })
  const name = place.inside === '' ? source.name : place.inside
  const own = await ownPackages(source, entries, name)
  const hash = createHash('sha1').update(source.bytes).digest('hex')
  const found = own.map(
    (one): Draft => ({
      ...one,
      ...(own.length === 1 ? { hashes: [{ algorithm: 'SHA-1', hex: hash }] } : {}),
      ...(place.inside === '' ? {} : { inside: place.inside }),
    }),
  )
  for (const entry of entries.filter(({ path }) => archive.test(path))) found.push(...(await nested(source, entry, place)))
  return found
}

async function nested(source: Exclude<ZipSource, string>, entry: ZipEntry, { inside, depth, budget }: Place): Promise<readonly Draft[]> {
  if (depth >= most.depth) throw new Error(`it nests archives more than ${most.depth} deep`)
  budget.left -= entry.size
  if (budget.left < 0) throw new Error(`the archives in it unpack to more than ${most.nested} bytes`)
  const bytes = await readZipEntry(source, entry, most.archive)
  const path = inside === '' ? entry.path : `${inside}!/${entry.path}`
  return packagesIn({ name: `${source.name}!/${entry.path}`, bytes }, { inside: path, depth: depth + 1, budget })
}

/** Shaded archives have the properties of all that went into them, and not always their own. */
async function ownPackages(source: ZipSource, entries: readonly ZipEntry[], name: string): Promise<readonly Draft[]> {
  const found: Draft[] = []
  for (const entry of entries.filter(({ path }) => properties.test(path)))
    found.push(...ofProperties((await readZipEntry(source, entry, 2 ** 20)).toString('utf8')))
  const file = basename(name).slice(-longestName)
  if (found.some((one) => file.startsWith(`${one.name}-`) || file.startsWith(`${one.name}.`))) return found
  const entry = entries.find(({ path }) => path === manifest)
  return [...found, ...ofManifest(entry === undefined ? '' : (await readZipEntry(source, entry, 2 ** 20)).toString('utf8'), file)]
}

function ofProperties(text: string): readonly Draft[] {
  const values = new Map(
    [...text.matchAll(/^[ \t]*(groupId|artifactId|version)[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$/gm)].map(([, key, value]) => [key, value]),
  )
  const [namespace, name, version] = [values.get('groupId'), values.get('artifactId'), values.get('version')]
  return namespace && name && version ? [{ type: 'maven', namespace, name, version, licenses: [] }] : []
}

/**
 * Of an archive that Maven did not make, its name and what its manifest says. A group that nothing names is left out, and a
 * version that nothing names is empty: known to be there, not known what it is.
 */
function ofManifest(text: string, file: string): readonly Draft[] {
  const fields = headers(text.replace(/\r\n|\r/g, '\n').replaceAll('\n ', ''))
  const [, stem = '', inName] = /^(.+?)(?:-(\d[\w.+-]*))?\.[^.]+$/.exec(file) ?? []
  const said = (...names: readonly string[]): string | undefined =>
    names.flatMap((one) => fields.get(one)?.[0] ?? []).find((value) => value !== '' && !value.includes('${'))
  const version = inName ?? said('implementation-version', 'bundle-version', 'specification-version') ?? ''
  const symbolic = said('bundle-symbolicname')?.split(';')[0]
  const ofBundle = symbolic?.includes('.') ? symbolic.slice(0, symbolic.lastIndexOf('.')) : undefined
  const group = knownGroup(stem) ?? said('implementation-vendor-id') ?? ofBundle
  return stem === '' ? [] : [{ type: 'maven', ...(group === undefined ? {} : { namespace: group }), name: stem, version, licenses: [] }]
}
