import { posix } from 'node:path'
import { readContext } from './context.ts'
import type { LayerEntry } from './entries.ts'
import { baseNeeded, noEntrypoint, planUnfit } from './errors.ts'
import { type Jar, readJar } from './java-jar.ts'
import { findJavaOutput, type JavaOutput } from './java-output.ts'
import { applicationLayer, applyRules, destinationOf, type LayerPlan, layerOfEntries, type Plan, type PlanOptions } from './layer-plan.ts'
import { machineFile } from './machine-file.ts'
import { isSpringBoot, springBootLayers } from './spring-boot.ts'

/**
 * A Java program: a Spring Boot jar in the layers of its own index, taken apart as its tools would do it; any other jar with
 * the libraries that Maven or Gradle put beside it. @throws SW-BUILD-BASE-NEEDED, SW-BUILD-PLAN, SW-BUILD-NO-ENTRYPOINT
 */
export async function planJava(root: string | undefined, options: PlanOptions): Promise<Plan> {
  const output = root === undefined ? { jar: options.context, libraries: [] } : await findJavaOutput(root)
  const jar = await readJar(output.jar)
  requireBase(options, jar)
  const context = root === undefined || options.rules.length === 0 ? undefined : await readContext(root, options)
  const layers = context === undefined ? [] : applyRules(options.rules, context).layers
  const workdir = destinationOf(options)
  const { layers: own, args } = isSpringBoot(jar) ? await takenApart(jar, workdir) : await withLibraries(jar, output, workdir)
  return {
    name: 'java',
    layers: [...layers, ...own],
    ...(options.needsStart ? { start: { runtime: 'java' as const, args: args() } } : {}),
    env: {},
    workdir,
    credentials: context?.credentials ?? [],
  }
}

interface Program {
  readonly layers: readonly LayerPlan[]
  /** For java. @throws SW-BUILD-NO-ENTRYPOINT */
  args(): readonly string[]
}

const reasons: Readonly<Record<string, string>> = {
  dependencies: 'released libraries: their updates',
  'spring-boot-loader': 'the launcher: a new Spring Boot',
  'snapshot-dependencies': 'libraries that are not released: their builds',
}

async function takenApart(jar: Jar, workdir: string): Promise<Program> {
  const layers = await springBootLayers(jar)
  const to = workdir.replace(/^\/+/, '')
  const entries = (files: (typeof layers)[number]['files']): readonly LayerEntry[] =>
    files.map((entry) => ({
      kind: 'file',
      path: posix.join(to, entry.path),
      mode: 0o644,
      content: { archive: jar.path, entry, size: entry.size, stamp: jar.stamp && `${jar.stamp} ${entry.path}` },
    }))
  const isLast = (name: string): boolean => name === (layers.find((layer) => layer.name === 'application') ?? layers.at(-1))?.name
  return {
    layers: layers.flatMap(({ name, files }) =>
      layerOfEntries(
        isLast(name) ? { ...applicationLayer, name } : { name, why: reasons[name] ?? 'a layer of the jar’s index' },
        entries(files),
      ),
    ),
    args: () => ['-cp', workdir, mainClassOf(jar, undefined)],
  }
}

async function withLibraries(jar: Jar, { libraries, mainClass }: JavaOutput, workdir: string): Promise<Program> {
  const place = (path: string): string => posix.join(workdir, 'lib', posix.basename(path))
  const program = posix.join(workdir, posix.basename(jar.path))
  const isSnapshot = (path: string): boolean => path.includes('-SNAPSHOT')
  const copies = async (paths: readonly string[]): Promise<readonly LayerEntry[]> =>
    Promise.all(paths.map((path) => machineFile(path, place(path), 0o644)))
  return {
    layers: [
      ...layerOfEntries(
        { name: 'dependencies', why: 'released libraries: their updates' },
        await copies(libraries.filter((path) => !isSnapshot(path))),
      ),
      ...layerOfEntries(
        { name: 'snapshot-dependencies', why: 'libraries that are not released: their builds' },
        await copies(libraries.filter(isSnapshot)),
      ),
      ...layerOfEntries(applicationLayer, [await machineFile(jar.path, program, 0o644)]),
    ],
    args: () => ['-cp', [program, ...libraries.map(place)].join(':'), mainClassOf(jar, mainClass)],
  }
}

function mainClassOf({ path, manifest }: Jar, fromScript: string | undefined): string {
  const name = fromScript ?? manifest.get('main-class')
  if (name !== undefined) return name
  throw noEntrypoint(`The manifest of ${path} has no Main-Class.`, {
    hint: 'Set what to start: entrypoint: ["java", "-cp", "/app/app.jar:/app/lib/*", "com.example.Main"]',
  })
}

function requireBase({ onScratch, needsStart, rules }: PlanOptions, { path, manifest }: Jar): void {
  if (manifest.size === 0) throw planUnfit(`${path} has no manifest, expected a jar that a build has made.`)
  if (!onScratch || (!needsStart && rules.length > 0)) return
  const version = /^(?:1\.)?(\d+)/.exec(manifest.get('build-jdk-spec') ?? manifest.get('build-jdk') ?? '')?.[1] ?? '21'
  throw baseNeeded('A Java program needs a base that has Java, and scratch has none.', {
    hint: `Set base: docker.io/library/eclipse-temurin:${version}-jre, or another image with that Java.`,
  })
}
