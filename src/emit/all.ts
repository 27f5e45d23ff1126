import type { ErrorKind } from '../base/errors.ts'
import type { Definition } from '../spec/define.ts'
import type { JsonSchema } from '../spec/kind.ts'
import { docs, docsIndex } from './docs.ts'
import { docsErrors } from './docs-errors.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { github, githubRoot } from './github.ts'
import { pinned } from './image.ts'
import { pipelineSchema, schemaFile } from './json-schema.ts'
import { registry } from './registry.ts'
import { tektonMakerTask } from './tekton-maker-task.ts'
import { type Road, tektonPipeline } from './tekton-pipeline.ts'
import { tektonStepAction } from './tekton-stepaction.ts'
import { tektonTask } from './tekton-task.ts'

/** A task's folder as it lies on disk. */
export interface TaskFolder {
  readonly definition: Definition
  readonly source: string
  readonly doc: string
}

/** Everything that the repository knows of itself. */
export interface Project {
  readonly folders: readonly TaskFolder[]
  readonly root: { readonly definition: Definition; readonly source: string }
  readonly roads: { readonly list: readonly Road[]; readonly source: string }
  readonly errors: readonly ErrorKind[]
  /** Schemas that are derived from elsewhere, by file name. */
  readonly schemas: readonly { readonly name: string; readonly source: string; readonly schema: JsonSchema }[]
  readonly version: string
  readonly image: string
}

type Emitter = (definition: Definition, options: EmitOptions) => readonly EmittedFile[]

/** The emitters that run once for each task. A host more is an emitter more. */
const emitters: readonly Emitter[] = [github, tektonTask, tektonMakerTask, tektonStepAction, docs]

/** Every generated file of the repository. */
export function emitAll(project: Project): readonly EmittedFile[] {
  const { folders, root, roads, version } = project
  const image = pinned(project.image)
  const tasks = folders.map(({ definition }) => definition)
  const everyTask = 'src/tasks/*/task.ts'
  return [
    ...folders.flatMap(({ definition, source, doc }) => emitters.flatMap((emit) => emit(definition, { source, doc, version, image }))),
    ...githubRoot(root.definition, tasks, root.source),
    ...roads.list.flatMap((road) => tektonPipeline(road, { source: roads.source, version })),
    ...docsIndex(tasks, everyTask),
    ...docsErrors(project.errors, 'src/**/errors.ts'),
    ...pipelineSchema(tasks, everyTask),
    ...project.schemas.map(({ name, source, schema }) => schemaFile(name, source, schema)),
    ...registry(tasks.map(({ name }) => name)),
  ]
}
