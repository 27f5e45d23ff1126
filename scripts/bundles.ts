/**
 * Writes a Tekton bundle for each task (Task and StepAction) and one for the release Pipeline with all its Tasks, as OCI
 * layouts under .cache/bundles, and prints their references. Reproducible: the same sources give the same digests.
 *   npm run bundles -- [--image REFERENCE] [--push REGISTRY/REPOSITORY [--plain-http]]
 * --image is what the Tasks run. Without --push the Pipeline refers to the bundles where a release pushes them.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { isReferenceFault, parseReference } from '../src/base/reference.ts'
import { copyFromLayout } from '../src/domain/oci/copy.ts'
import { createLayout, type Layout } from '../src/domain/oci/layout.ts'
import { connectRegistry, type Repository } from '../src/domain/oci/registry.ts'
import type { Descriptor } from '../src/domain/oci/types.ts'
import { writeBundle } from '../src/domain/tekton/bundle.ts'
import { referToBundles } from '../src/domain/tekton/references.ts'
import { type Resource, readResource } from '../src/domain/tekton/resource.ts'
import type { EmittedFile } from '../src/emit/file.ts'
import { isPlaceholder, runtimeImage } from '../src/emit/image.ts'
import { tektonMakerTask } from '../src/emit/tekton-maker-task.ts'
import { homepage } from '../src/emit/tekton-metadata.ts'
import { tektonPipeline } from '../src/emit/tekton-pipeline.ts'
import { tektonStepAction } from '../src/emit/tekton-stepaction.ts'
import { tektonTask } from '../src/emit/tekton-task.ts'
import { localHost } from '../src/host/local.ts'
import { processSurroundings } from '../src/host/process-environment.ts'
import { openSession, type Session } from '../src/pipeline/ports.ts'
import { roadSource, roads, taskFolders, version } from './tekton-files.ts'

const { values: options } = parseArgs({
  options: {
    image: { type: 'string', default: runtimeImage },
    push: { type: 'string' },
    'plain-http': { type: 'boolean', default: false },
  },
})
const folder = join(dirname(import.meta.dirname), '.cache', 'bundles')
const home = options.push ?? 'ghcr.io/slipway-ci/slipway/tekton'

if (options.push !== undefined && isPlaceholder(options.image))
  throw new Error('the image in the Tasks is not released: pass --image REFERENCE, with tag and digest')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
await using(await session(), writeAll)

async function writeAll(ports: Session): Promise<void> {
  const bundles = new Map<string, string>()
  const tasks: Resource[] = []
  for (const { definition, ...given } of taskFolders) {
    const emitted = { ...given, version, image: options.image }
    const [task, stepAction] = [only(tektonTask(definition, emitted)), only(tektonStepAction(definition, emitted))]
    const maker = tektonMakerTask(definition, emitted)
    const others = maker.length === 0 ? [] : [only(maker)]
    bundles.set(task.metadata.name, await bundle(definition.name, [task, stepAction, ...others], ports))
    tasks.push(task)
  }
  for (const road of roads) {
    const pipeline = only(tektonPipeline(road, { source: roadSource, version }))
    const used = tasks.filter(({ metadata }) => road.tasks.some(({ name }) => metadata.name === `slipway-${name}`))
    await bundle(road.name, [referToBundles(pipeline, bundles), ...used], ports)
  }
}

/** Writes one bundle, pushes it if that was asked for, and gives its reference. */
async function bundle(name: string, resources: readonly Resource[], ports: Session): Promise<string> {
  const layout = await createLayout(join(folder, name))
  const descriptor = await writeBundle(layout, resources, { title: `Slipway ${name}`, version, source: homepage })
  const reference = `${home}/${name}:${version}@${descriptor.digest}`
  if (options.push !== undefined) await push(layout, descriptor, repositoryAt(`${home}/${name}`, ports))
  process.stdout.write(`${reference}\n`)
  return reference
}

async function push(layout: Layout, { digest }: Descriptor, repository: Repository): Promise<void> {
  await copyFromLayout(layout, digest, repository, { tags: [version] })
}

function repositoryAt(text: string, ports: Session): Repository {
  const reference = parseReference(text)
  if (isReferenceFault(reference)) throw new Error(`--push: "${text}" ${reference.error}`)
  const plainHttp = options['plain-http'] ? 'always' : 'auto'
  return connectRegistry(reference.registry, ports.ports('bundles'), { plainHttp }).repository(reference.repository)
}

function only(files: readonly EmittedFile[]): Resource {
  const [file] = files
  if (file === undefined || files.length !== 1) throw new Error(`an emitter gave ${files.length} files, expected one`)
  return readResource(file.content, file.path)
}

function session(): Promise<Session> {
  return openSession({
    host: localHost(processSurroundings()),
    workspace: process.cwd(),
    signal: new AbortController().signal,
    version,
    emit: () => undefined,
    hostLog: false,
  })
}

async function using(ports: Session, work: (ports: Session) => Promise<void>): Promise<void> {
  try {
    await work(ports)
  } finally {
    ports.close()
  }
}
