import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../io/fixtures/folder.ts'
import { tasks } from '../tasks/registry.ts'
import { readPipeline } from './file.ts'

const workspace = temporaryFolder()
const push = { where: '--push.image', task: 'push', input: 'image', value: 'r.example/app' }
const scan = { where: '--scan.database', task: 'scan', input: 'database', value: 'advisories' }

test.each([
  ['is on the default road before push where somebody says by which advisories', [push, scan], ['test', 'build', 'scan', 'push']],
  ['also where nothing is pushed', [scan], ['test', 'build', 'scan']],
  ['and not where nobody does', [push], ['test', 'build', 'push']],
])('a scan %s', async (_, overrides, expected) => {
  const { steps } = await readPipeline({ workspace, tasks, environment: {}, overrides })
  expect(steps.map(({ task }) => task.definition.name)).toEqual(expected)
})
