import { readZipEntry, type ZipEntry } from '../../io/zip-reader.ts'
import { planUnfit } from './errors.ts'
import { filesOfJar, type Jar } from './java-jar.ts'

/** A layer of a Spring Boot jar, its files as they lie in the jar. */
export interface JarLayer {
  readonly name: string
  readonly files: readonly ZipEntry[]
}

/** Whether a jar holds its dependencies as jars, to be started by Spring Boot's launcher. */
export function isSpringBoot({ manifest }: Jar): boolean {
  return manifest.has('spring-boot-classes')
}

/**
 * The files of a Spring Boot jar in the layers and the order of its index, as `java -Djarmode=tools extract --layers --launcher`
 * puts them down; a jar without an index has Spring Boot's four own. @throws SW-BUILD-PLAN, SW-ZIP-MALFORMED
 */
export async function springBootLayers(jar: Jar): Promise<readonly JarLayer[]> {
  const files = await filesOfJar(jar)
  const layers = (await readIndex(jar, files)) ?? usualLayers(jar)
  const placed = new Map<string, ZipEntry[]>(layers.map(({ name }) => [name, []]))
  for (const file of files) {
    const layer = layers.find(({ takes }) => takes(file.path))
    if (layer === undefined) throw planUnfit(`${jar.path} has ${file.path}, which is in no layer of its index.`, { hint: rebuild })
    placed.get(layer.name)?.push(file)
  }
  return [...placed].map(([name, own]) => ({ name, files: own }))
}

const rebuild = 'Build the jar again, with the layers of the Spring Boot plugin on.'

interface IndexedLayer {
  readonly name: string
  takes(path: string): boolean
}

/** The lines are `- "layer":` and `  - "path"`; a path that ends with `/` stands for all below it. */
async function readIndex(jar: Jar, files: readonly ZipEntry[]): Promise<readonly IndexedLayer[] | undefined> {
  const path = jar.manifest.get('spring-boot-layers-index')
  const entry = files.find((file) => file.path === path)
  if (entry === undefined) return undefined
  const paths = new Map<string, string[]>()
  let current: string[] | undefined
  for (const line of (await readZipEntry(jar.path, entry)).toString('utf8').split(/\r?\n/)) {
    if (line.trim() === '') continue
    const [, name, content] = /^(?:- "([^"]+)":|\s+- "([^"]+)")\s*$/.exec(line) ?? []
    if (name !== undefined) {
      current = paths.get(name) ?? []
      paths.set(name, current)
    } else if (content !== undefined && current !== undefined) current.push(content)
    else throw planUnfit(`${path} of ${jar.path} has the line ${JSON.stringify(line)}, expected - "layer": or - "path".`, { hint: rebuild })
  }
  return [...paths].map(([name, own]) => ({ name, takes: takesOf(own) }))
}

function takesOf(paths: readonly string[]): (path: string) => boolean {
  const whole = new Set(paths)
  const folders = paths.filter((path) => path.endsWith('/'))
  return (path) => whole.has(path) || folders.some((folder) => path.startsWith(folder))
}

/** As Spring Boot's implicit layers: libraries, its loader, snapshots, the rest. */
function usualLayers({ manifest }: Jar): readonly IndexedLayer[] {
  const libraries = manifest.get('spring-boot-lib') ?? 'BOOT-INF/lib/'
  const isLibrary = (path: string): boolean => path.startsWith(libraries) || path.startsWith('WEB-INF/lib-provided/')
  return [
    { name: 'dependencies', takes: (path) => isLibrary(path) && !path.includes('SNAPSHOT') },
    { name: 'spring-boot-loader', takes: (path) => path.startsWith('org/springframework/boot/loader/') },
    { name: 'snapshot-dependencies', takes: isLibrary },
    { name: 'application', takes: () => true },
  ]
}
