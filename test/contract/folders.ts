import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Definition } from '../../src/spec/define.ts'

export const repository = dirname(dirname(import.meta.dirname))

/** A task's folder as it lies on disk. */
export interface Folder {
  readonly name: string
  readonly definition: Definition
  readonly run: unknown
  readonly doc: string
}

/** Every folder of src/tasks, whether the registry knows it or not. */
export const folders: readonly Folder[] = await Promise.all(
  globSync('src/tasks/*/', { cwd: repository })
    .map((path) => basename(path))
    .toSorted()
    .map(async (name) => ({
      name,
      definition: (await load(name, 'task.ts'))['task'] as Definition,
      run: (await load(name, 'run.ts'))['run'],
      doc: text(`src/tasks/${name}/doc.md`),
    })),
)

/** A file of the repository. */
export function text(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}

async function load(name: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(pathToFileURL(join(repository, 'src/tasks', name, file)).href)) as Readonly<Record<string, unknown>>
}
