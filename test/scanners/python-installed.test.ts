/** The packages of this machine's Python beside those that Python itself says are installed. */
import { execFileSync } from 'node:child_process'
import { afterAll, expect, it } from '@jest/globals'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { openBlob } from '../../src/domain/oci/layout-blobs.ts'
import { inventoryOf } from '../../src/domain/packages/inventory.ts'
import { writeImage } from '../fakes/image.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('python')).path
afterAll(() => stack.disposeAsync())

/** Name and version of each distribution, and the files that say so. */
const script = `
import importlib.metadata, json, re, sys
told = {}
for one in importlib.metadata.distributions():
    told[f"{re.sub(r'[-_.]+', '-', one.metadata['Name']).lower()} {one.version}"] = str(one._path)
json.dump(told, sys.stdout)`

it('packages of Python are those that importlib.metadata lists, at their versions', async () => {
  const theirs = JSON.parse(await output(['python3', '-c', script])) as Readonly<Record<string, string>>
  expect(Object.keys(theirs)).not.toHaveLength(0)
  const layer = execFileSync('tar', ['-C', '/', '-czf', '-', '--files-from', '-'], {
    input: Object.values(theirs)
      .map((path) => path.slice(1))
      .join('\n'),
    maxBuffer: 2 ** 30,
  })
  const layout = await createLayout(folder)
  const { content } = await writeImage(layout, [layer])
  if (content.kind !== 'manifest') throw new Error('an index was written')
  const { packages, unscannable } = await inventoryOf(content.manifest, (descriptor) => openBlob(layout, descriptor))
  expect(unscannable).toEqual([])
  expect(packages.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(Object.keys(theirs).toSorted())
})
