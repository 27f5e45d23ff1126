import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TaskFolder } from '../src/emit/all.ts'
import type { Road } from '../src/emit/tekton-pipeline.ts'
import { harborRoadFromCommit, roadFromCommit, signedRoadFromCommit } from '../src/pipeline/default-road.ts'
import { tasks } from '../src/tasks/registry.ts'

const repository = dirname(import.meta.dirname)

/** Of the package: `0.1.0`. */
export const version: string = JSON.parse(read('package.json')).version

/** Every task of the registry, as the emitters take them. */
export const taskFolders: readonly TaskFolder[] = tasks.map(({ definition }) => {
  const folder = `src/tasks/${definition.name}`
  return { definition, source: `${folder}/task.ts`, doc: read(`${folder}/doc.md`) }
})

/** The roads that users start with: to a pushed image, to one that is signed and verified, and to one that a Harbor has scanned. */
export const roads: readonly Road[] = [roadFromCommit, signedRoadFromCommit, harborRoadFromCommit].map((road) => ({
  ...road,
  tasks: road.tasks.flatMap((name) => taskFolders.flatMap(({ definition }) => (definition.name === name ? [definition] : []))),
}))

/** Where the roads are declared. */
export const roadSource = 'src/pipeline/default-road.ts'

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}
