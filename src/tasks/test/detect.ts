import { join } from 'node:path'
import { exists, list, readText } from '../../io/files.ts'
import { nodeRunner, readNodeProject } from './node-project.ts'
import type { Plan, Runner } from './plan.ts'

export interface DetectOptions {
  /** Absolute. */
  readonly folder: string
  /** NODE_OPTIONS as they are; undefined when this Node cannot take a reporter. */
  readonly nodeOptions: string | undefined
  /** Whether coverage is asked for: some tools measure it only when told. */
  readonly measure: boolean
  /** Whether a program is on PATH. */
  has(program: string): Promise<boolean>
}

/** What is looked for, in this order, for people. */
export const lookedFor =
  'package.json with a test script (npm, pnpm, yarn), pom.xml (Maven), build.gradle (Gradle), *.sln or *.csproj (.NET), go.mod (Go), Cargo.toml (Cargo), pytest.ini, conftest.py or pytest settings (pytest)'

/** Every project in a folder whose tests we know how to run; the first is the one to take. */
export async function detectRunners(options: DetectOptions): Promise<readonly Runner[]> {
  const found = await Promise.all([node, maven, gradle, dotnet, go, cargo, pytest].map((detect) => detect(options)))
  return found.filter((runner) => runner !== undefined)
}

type Detect = (options: DetectOptions) => Promise<Runner | undefined>

const node: Detect = async ({ folder, nodeOptions }) => {
  const project = await readNodeProject(folder)
  return project === undefined ? undefined : nodeRunner(project, nodeOptions)
}

const maven: Detect = async ({ folder }) => {
  if (!(await exists(join(folder, 'pom.xml')))) return undefined
  const program = (await exists(join(folder, 'mvnw'))) ? './mvnw' : 'mvn'
  return always('Maven', 'pom.xml', {
    argv: [program, '--batch-mode', '--no-transfer-progress', '--fail-at-end', 'test'],
    reports: { project: ['**/target/surefire-reports/TEST-*.xml'] },
    coverage: { project: ['**/target/site/jacoco*/jacoco.xml'] },
  })
}

const gradle: Detect = async ({ folder }) => {
  const because = await firstThere(folder, ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'])
  if (because === undefined) return undefined
  const program = (await exists(join(folder, 'gradlew'))) ? './gradlew' : 'gradle'
  return always('Gradle', because, {
    argv: [program, '--console=plain', '--continue', 'test'],
    reports: { project: ['**/build/test-results/**/TEST-*.xml'] },
    coverage: { project: ['**/build/reports/jacoco/**/*.xml'] },
    keepsReports: true,
  })
}

const dotnet: Detect = async ({ folder, measure }) => {
  const because = (await list(folder)).find(({ name }) => /\.(?:slnx?|[cfv][sb]proj)$/.test(name))?.name
  if (because === undefined) return undefined
  return {
    name: '.NET',
    command: 'dotnet test',
    because,
    plan: ({ reports }) => ({
      argv: ['dotnet', 'test', '--logger', 'trx', '--results-directory', reports, ...(measure ? ['--collect', 'XPlat Code Coverage'] : [])],
      reports: { own: ['**/*.trx'] },
      coverage: { own: ['**/coverage.cobertura.xml'] },
    }),
  }
}

const go: Detect = async ({ folder, measure }) => {
  if (!(await exists(join(folder, 'go.mod')))) return undefined
  return {
    name: 'Go',
    command: 'go test ./...',
    because: 'go.mod',
    plan: ({ reports }) => ({
      argv: ['go', 'test', '-json', ...(measure ? [`-coverprofile=${reports}/cover.out`] : []), './...'],
      reports: {},
      coverage: { own: ['cover.out'] },
      stdout: 'go',
      quiet: true,
    }),
  }
}

const cargo: Detect = async ({ folder }) => {
  if (!(await exists(join(folder, 'Cargo.toml')))) return undefined
  return always('Cargo', 'Cargo.toml', { argv: ['cargo', 'test', '--no-fail-fast'], reports: {}, coverage: {}, stdout: 'libtest' })
}

const pytest: Detect = async ({ folder, has }) => {
  const because = await pytestSettings(folder)
  if (because === undefined) return undefined
  const program = await pytestProgram(folder, has)
  return {
    name: 'pytest',
    command: program.join(' '),
    because,
    plan: ({ reports }) => ({
      // xunit1 names the file and line of each test.
      argv: [...program, `--junitxml=${reports}/pytest.xml`, '-o', 'junit_family=xunit1'],
      reports: { own: ['pytest.xml'] },
      coverage: {},
    }),
  }
}

async function pytestSettings(folder: string): Promise<string | undefined> {
  const own = await firstThere(folder, ['pytest.ini', '.pytest.ini', 'pytest.toml', 'conftest.py', 'tests/conftest.py'])
  if (own !== undefined) return own
  for (const [file, section] of [
    ['pyproject.toml', /^\[tool\.pytest|["']pytest\b/m],
    ['setup.cfg', /^\[tool:pytest\]/m],
    ['tox.ini', /^\[pytest\]/m],
  ] as const) {
    const path = join(folder, file)
    if ((await exists(path)) && section.test(await readText(path))) return file
  }
  return undefined
}

/** pytest where the project keeps it: in the environment of uv or Poetry, on PATH, or in the Python that is there. */
async function pytestProgram(folder: string, has: DetectOptions['has']): Promise<readonly string[]> {
  for (const [lock, manager] of [
    ['uv.lock', 'uv'],
    ['poetry.lock', 'poetry'],
  ] as const) {
    if ((await exists(join(folder, lock))) && (await has(manager))) return [manager, 'run', 'pytest']
  }
  return (await has('pytest')) ? ['pytest'] : ['python3', '-m', 'pytest']
}

function always(name: string, because: string, plan: Plan): Runner {
  return { name, because, command: plan.argv.join(' '), plan: () => plan }
}

async function firstThere(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if (await exists(join(folder, name))) return name
  }
  return undefined
}
