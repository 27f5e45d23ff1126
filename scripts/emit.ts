/**
 * Writes every file that is derived from the definitions, and removes those whose definition is gone.
 *   node scripts/emit.ts [--check] [--image REFERENCE]
 * With --check nothing is written: what differs is listed, and the exit code is 1.
 */
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { ErrorKind } from '../src/base/errors.ts'
import { exceptionsSchema } from '../src/domain/gate/exceptions.ts'
import { gatePolicySchema } from '../src/domain/gate/policy.ts'
import { projectFileSchema } from '../src/domain/harbor/project/schema.ts'
import { faultFile } from '../src/domain/registry/faults/schema.ts'
import { policySchema } from '../src/domain/sigstore/verify/policy-document.ts'
import { emitAll, type TaskFolder } from '../src/emit/all.ts'
import { type EmittedFile, isGenerated } from '../src/emit/file.ts'
import { runtimeImage } from '../src/emit/image.ts'
import type { Road } from '../src/emit/tekton-pipeline.ts'
import { harborRoadFromCommit, roadFromCommit, signedRoadFromCommit } from '../src/pipeline/default-road.ts'
import { root } from '../src/pipeline/root.ts'
import { eventsSchema } from '../src/report/events-schema.ts'
import type { Definition } from '../src/spec/define.ts'
import type { JsonSchema } from '../src/spec/kind.ts'
import { recordSchema } from '../src/spec/record/record.ts'

const repository = dirname(import.meta.dirname)
const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, image: { type: 'string', default: runtimeImage } },
})

const folders = await taskFolders()
const files = emitAll({
  folders,
  root: { definition: root, source: 'src/pipeline/root.ts' },
  roads: {
    list: [roadOf(roadFromCommit), roadOf(signedRoadFromCommit), roadOf(harborRoadFromCommit)],
    source: 'src/pipeline/default-road.ts',
  },
  errors: await errorKinds(),
  schemas: [
    { name: 'record.schema.json', source: 'src/spec/record/record.ts', schema: recordJsonSchema() },
    { name: 'events.schema.json', source: 'src/report/events.ts', schema: eventsSchema() as JsonSchema },
    {
      name: 'scan-policy.schema.json',
      source: 'src/domain/gate/policy.ts',
      schema: gateJsonSchema('Slipway scan policy', gatePolicySchema),
    },
    {
      name: 'scan-exceptions.schema.json',
      source: 'src/domain/gate/exceptions.ts',
      schema: gateJsonSchema('Slipway scan exceptions', exceptionsSchema),
    },
    {
      name: 'harbor-projects.schema.json',
      source: 'src/domain/harbor/project/schema.ts',
      schema: gateJsonSchema('Slipway Harbor projects', projectFileSchema),
    },
    {
      name: 'faults.schema.json',
      source: 'src/domain/registry/faults/schema.ts',
      schema: gateJsonSchema('Slipway registry faults', faultFile),
    },
    { name: 'verify-policy.schema.json', source: 'src/domain/sigstore/verify/policy-document.ts', schema: policyJsonSchema() },
  ],
  version: (JSON.parse(read('package.json')) as { version: string }).version,
  image: options.image,
})
const changed = files.filter(({ path, content }) => !existsSync(join(repository, path)) || read(path) !== content)
const stale = generatedPaths().filter((path) => !files.some((file) => file.path === path))

if (options.check) check()
else write()

function check(): void {
  for (const { path } of changed) process.stdout.write(`differs  ${path}\n`)
  for (const path of stale) process.stdout.write(`stale    ${path}\n`)
  if (changed.length + stale.length === 0) process.stdout.write(`${files.length} generated files are up to date\n`)
  else process.exitCode = 1
}

function write(): void {
  for (const file of changed) save(file)
  for (const path of stale) remove(path)
  process.stdout.write(`${files.length} generated files, ${changed.length} written, ${stale.length} removed\n`)
}

/** With its folder, when that is empty then. */
function remove(path: string): void {
  rmSync(join(repository, path))
  const folder = dirname(join(repository, path))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

function save({ path, content }: EmittedFile): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true })
  writeFileSync(join(repository, path), content)
}

async function taskFolders(): Promise<readonly TaskFolder[]> {
  const names = globSync('src/tasks/*/', { cwd: repository }).map((path) => basename(path))
  const missing = names
    .flatMap((name) => ['task.ts', 'run.ts', 'doc.md'].map((part) => `src/tasks/${name}/${part}`))
    .filter((path) => !existsSync(join(repository, path)))
  if (missing.length > 0) fail(`a task is a folder with task.ts, run.ts and doc.md; missing: ${missing.join(', ')}`)
  return Promise.all(
    names.toSorted().map(async (name) => {
      const source = `src/tasks/${name}/task.ts`
      const { task } = (await load(source)) as { readonly task?: Definition }
      if (task?.name !== name) fail(`${source} must export \`task\` with the name ${name}, like its folder`)
      return { definition: task, source, doc: read(`src/tasks/${name}/doc.md`) }
    }),
  )
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function roadOf({ tasks, ...road }: Omit<Road, 'tasks'> & { readonly tasks: readonly string[] }): Road {
  return { ...road, tasks: tasks.flatMap((name) => folders.flatMap(({ definition }) => (definition.name === name ? [definition] : []))) }
}

/** Guards are types for the compiler; what they check is in the patterns beside them. */
function recordJsonSchema(): JsonSchema {
  return { title: 'Slipway release record', ...toJsonSchema(recordSchema, { ignoreActions: ['guard'] }) } as JsonSchema
}

function policyJsonSchema(): JsonSchema {
  return { title: 'Slipway verification policy', ...toJsonSchema(policySchema) } as JsonSchema
}

/** Blanks around a text, its case, and what only a reader can check, are nothing that a schema has words for. */
function gateJsonSchema(title: string, schema: Parameters<typeof toJsonSchema>[0]): JsonSchema {
  return { title, ...toJsonSchema(schema, { typeMode: 'input', ignoreActions: ['trim', 'to_lower_case', 'check'] }) } as JsonSchema
}

/** Wherever an error is declared, it is documented. */
async function errorKinds(): Promise<readonly ErrorKind[]> {
  const sources = globSync('src/**/*.ts', { cwd: repository }).filter(
    (path) => !path.endsWith('.test.ts') && read(path).includes('= defineError('),
  )
  const modules = await Promise.all(sources.toSorted().map(load))
  return modules.flatMap((exports) => Object.values(exports).filter(isErrorKind))
}

function isErrorKind(value: unknown): value is ErrorKind {
  return typeof value === 'function' && 'code' in value && 'fix' in value && 'is' in value
}

/** Everything in the folders of generated files that says it is generated. */
function generatedPaths(): readonly string[] {
  const patterns = [
    'action.yml',
    'actions/*/*',
    'tekton/*/*.yaml',
    'docs/errors.md',
    'docs/tasks/*.md',
    'schemas/*.json',
    'src/tasks/registry.ts',
  ]
  return globSync(patterns, { cwd: repository }).filter((path) => isGenerated(read(path)))
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(pathToFileURL(join(repository, path)).href)) as Readonly<Record<string, unknown>>
}

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}
