import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EmittedFile } from '../src/emit/file.ts'
import { tektonPipeline } from '../src/emit/tekton-pipeline.ts'
import { tektonStepAction } from '../src/emit/tekton-stepaction.ts'
import { tektonTask } from '../src/emit/tekton-task.ts'
import { defaultRoad } from '../src/pipeline/default-road.ts'
import { tasks } from '../src/tasks/registry.ts'

const repository = dirname(import.meta.dirname)

/** Of the package: `0.1.0`. */
export const version: string = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).version

/** What Tekton takes of the repository, as text. */
export interface TektonFiles {
  readonly tasks: readonly { readonly name: string; readonly task: EmittedFile; readonly stepAction: EmittedFile }[]
  readonly pipelines: readonly { readonly name: string; readonly pipeline: EmittedFile }[]
}

/** Every Task, StepAction and Pipeline with the image in it. */
export function tektonFiles(image: string): TektonFiles {
  const definitions = tasks.map(({ definition }) => definition)
  const road = { ...defaultRoad, tasks: defaultRoad.tasks.flatMap((name) => definitions.filter((definition) => definition.name === name)) }
  return {
    tasks: definitions.map((definition) => {
      const options = { source: `src/tasks/${definition.name}/task.ts`, doc: '', version, image }
      return { name: definition.name, task: only(tektonTask(definition, options)), stepAction: only(tektonStepAction(definition, options)) }
    }),
    pipelines: [{ name: road.name, pipeline: only(tektonPipeline(road, { source: 'src/pipeline/default-road.ts', version })) }],
  }
}

function only(files: readonly EmittedFile[]): EmittedFile {
  const [file] = files
  if (file === undefined || files.length !== 1) throw new Error(`an emitter gave ${files.length} files, expected one`)
  return file
}
