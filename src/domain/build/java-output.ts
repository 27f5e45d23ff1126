import { basename } from 'node:path'
import { factsOrNothing, list, readText } from '../../io/files.ts'
import { planUnfit } from './errors.ts'

/** What a Java build has left. Paths are absolute. */
export interface JavaOutput {
  readonly jar: string
  /** Jars that it needs, in the order of the class path. */
  readonly libraries: readonly string[]
  /** From a start script, where the jar does not name it. */
  readonly mainClass?: string
}

/** Jars that are made beside the one that runs. */
const besides = /(?:-(?:sources|javadoc|tests|test-fixtures|plain)|^original-.*)\.[jw]ar$/

/** Finds what Maven (`target`) or Gradle (`build/install`, `build/libs`) has built in a project. @throws SW-BUILD-PLAN */
export async function findJavaOutput(root: string): Promise<JavaOutput> {
  const installed = await namesIn(`${root}/build/install`)
  const boot = await jarsIn(`${root}/build/libs`)
  if (installed.length > 0) return installedBy(`${root}/build/install`, installed)
  const maven = await jarsIn(`${root}/target`)
  const jars = maven.length > 0 ? maven : boot
  const [jar] = jars
  if (jar === undefined) throw planUnfit(`${root} has no jar in target, build/libs or build/install.`, { hint: buildFirst })
  if (jars.length > 1)
    throw planUnfit(`${root} has several jars: ${jars.map((path) => basename(path)).join(', ')}; expected one.`, {
      hint: `Name the one that runs: context: ${jar.slice(root.length + 1)}`,
    })
  return { jar, libraries: maven.length > 0 ? await copiedLibraries(`${root}/target`) : [] }
}

const buildFirst =
  'mvn package, or: gradle bootJar or installDist. Of a project with modules name one: context: shop, or context: shop/target/shop.jar'

/** `mvn dependency:copy-dependencies` writes to target/dependency; target/lib is what many projects set. */
async function copiedLibraries(target: string): Promise<readonly string[]> {
  for (const folder of ['dependency', 'lib', 'libs']) {
    const jars = (await namesIn(`${target}/${folder}`)).filter((name) => name.endsWith('.jar'))
    if (jars.length > 0) return jars.map((name) => `${target}/${folder}/${name}`)
  }
  return []
}

/** Gradle's `installDist`: the start script has the class path, the jar of the project first, and the main class. */
async function installedBy(folder: string, names: readonly string[]): Promise<JavaOutput> {
  const [name = ''] = names
  if (names.length > 1)
    throw planUnfit(`${folder} has several programs: ${names.join(', ')}; expected one.`, { hint: 'gradle clean installDist' })
  const script = `${folder}/${name}/bin/${name}`
  const text = (await factsOrNothing(script))?.kind === 'file' ? await readText(script, 2 ** 20) : ''
  const [, classPath = ''] = /^CLASSPATH=(\S+)$/m.exec(text) ?? []
  const [, mainClass] = /-classpath "\$CLASSPATH" \\\n\s+([\w.$]+) \\/.exec(text) ?? []
  const jars = classPath.split(':').flatMap((path) => /^\$APP_HOME\/lib\/([^/]+\.jar)$/.exec(path)?.[1] ?? [])
  const [jar, ...libraries] = jars.map((file) => `${folder}/${name}/lib/${file}`)
  if (jar === undefined) throw planUnfit(`${script} is no start script of Gradle's application plugin.`, { hint: 'gradle installDist' })
  return { jar, libraries, ...(mainClass === undefined ? {} : { mainClass }) }
}

async function jarsIn(folder: string): Promise<readonly string[]> {
  const names = await namesIn(folder)
  return names.filter((name) => /\.[jw]ar$/.test(name) && !besides.test(name)).map((name) => `${folder}/${name}`)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  if ((await factsOrNothing(folder))?.kind !== 'directory') return []
  return (await list(folder)).filter(({ name }) => !name.startsWith('.')).map(({ name }) => name)
}
