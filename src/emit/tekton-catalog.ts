import type { Definition } from '../spec/define.ts'
import type { TaskFolder } from './all.ts'
import { taskPage } from './docs.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { tektonMakerTask } from './tekton-maker-task.ts'
import { homepage, resourceName } from './tekton-metadata.ts'
import { type Road, tektonPipeline } from './tekton-pipeline.ts'
import { tektonStepAction } from './tekton-stepaction.ts'
import { tektonTask } from './tekton-task.ts'
import { yamlText } from './yaml.ts'

/** The kinds for which Artifact Hub has repositories of their own. */
export const catalogKinds = ['task', 'stepaction', 'pipeline'] as const

export type CatalogKind = (typeof catalogKinds)[number]

/** What is put into a catalogue. */
export interface Catalog extends Pick<EmitOptions, 'version' | 'image'> {
  readonly tasks: readonly TaskFolder[]
  readonly roads: { readonly list: readonly Road[]; readonly source: string }
  /** What Artifact Hub calls the repository of a kind, which makes it that of a verified publisher. */
  readonly repositories: Partial<Readonly<Record<CatalogKind, string>>>
}

/**
 * The tree that catalogues read (TEP-0003; Artifact Hub, directory based): `<kind>/<resource>/<version>/<resource>.yaml`, a
 * page beside it, and `artifacthub-repo.yml` at the root of a kind.
 */
export function tektonCatalog(catalog: Catalog): readonly EmittedFile[] {
  return [
    ...catalog.tasks.flatMap((folder) => taskPackages(folder, catalog)),
    ...catalog.roads.list.flatMap((road) => pipelinePackage(road, catalog)),
    ...catalogKinds.flatMap((kind) => repositoryFile(kind, catalog)),
  ]
}

function taskPackages({ definition, source, doc }: TaskFolder, { version, image }: Catalog): readonly EmittedFile[] {
  const options = { source, doc, version, image }
  const page = (tekton: boolean): string =>
    taskPage(definition, options, { path: '', title: resourceName(definition.name), docs: docsAt(version), tekton }).content
  return [
    ...packaged('task', definition.name, { version, files: tektonTask(definition, options), page: page(true) }),
    ...packaged('stepaction', definition.name, { version, files: tektonStepAction(definition, options), page: page(false) }),
    ...makerPackage(definition, options),
  ]
}

function makerPackage(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const maker = definition.hosts?.tekton?.makerStep
  if (maker === undefined) return []
  const { name, summary, docs } = maker
  const page = `# ${resourceName(name)}\n\n${summary} How to run it: [the guide](${docsAt(options.version)}/${docs.replace(/^docs\//, '')}).\n`
  return packaged('task', name, { version: options.version, files: tektonMakerTask(definition, options), page })
}

function pipelinePackage(road: Road, { version, roads }: Catalog): readonly EmittedFile[] {
  const files = tektonPipeline(road, { source: roads.source, version })
  const page = `# ${resourceName(road.name)}\n\n${road.summary} How to run it: [the guide](${docsAt(version)}/guides/tekton.md).\n`
  return packaged('pipeline', road.name, { version, files, page })
}

interface Package {
  readonly version: string
  /** The resource. */
  readonly files: readonly EmittedFile[]
  readonly page: string
}

function packaged(kind: CatalogKind, name: string, { version, files, page }: Package): readonly EmittedFile[] {
  const folder = `${kind}/${resourceName(name)}/${version}`
  return [
    ...files.map(({ content }) => ({ path: `${folder}/${resourceName(name)}.yaml`, content })),
    { path: `${folder}/README.md`, content: page },
  ]
}

function repositoryFile(kind: CatalogKind, { repositories }: Catalog): readonly EmittedFile[] {
  const repositoryID = repositories[kind]
  return repositoryID === undefined ? [] : [{ path: `${kind}/artifacthub-repo.yml`, content: yamlText({ repositoryID }) }]
}

function docsAt(version: string): string {
  return `${homepage}/blob/v${version}/docs`
}
