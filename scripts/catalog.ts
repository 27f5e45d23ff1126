/**
 * Writes the tree that Artifact Hub and other catalogues read into .cache/catalog; a release commits it to the branch `catalog`.
 *   npm run catalog -- [--image REFERENCE] [--repository KIND=ID]...
 * --repository is the id that Artifact Hub gave to the repository of a kind (task, stepaction or pipeline).
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinned, runtimeImage } from '../src/emit/image.ts'
import { type CatalogKind, catalogKinds, tektonCatalog } from '../src/emit/tekton-catalog.ts'
import { roadSource, roads, taskFolders, version } from './tekton-files.ts'

const { values: options } = parseArgs({
  options: { image: { type: 'string', default: runtimeImage }, repository: { type: 'string', multiple: true, default: [] } },
})
const folder = join(dirname(import.meta.dirname), '.cache', 'catalog')
const files = tektonCatalog({
  tasks: taskFolders,
  roads: { list: roads, source: roadSource },
  repositories: Object.fromEntries(options.repository.map(repositoryOf)),
  version,
  image: pinned(options.image),
})

rmSync(folder, { recursive: true, force: true })
for (const { path, content } of files) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}
process.stdout.write(`${files.length} files in ${folder}\n`)

function repositoryOf(text: string): readonly [CatalogKind, string] {
  const [, name, id = ''] = /^(\w+)=([0-9a-f-]{36})$/.exec(text) ?? []
  const kind = catalogKinds.find((known) => known === name)
  if (kind === undefined) throw new Error(`--repository is "${text}", expected task=ID, stepaction=ID or pipeline=ID`)
  return [kind, id]
}
