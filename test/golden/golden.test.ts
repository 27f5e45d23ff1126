import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { load } from 'js-yaml'
import type { EmittedFile } from '../../src/emit/file.ts'
import { actionViolations } from '../checkers/action-yml.ts'
import { restrictedViolations } from '../checkers/pod-security.ts'
import { admissionViolations } from '../checkers/tekton-admission.ts'
import { pipelineFitViolations } from '../checkers/tekton-pipeline.ts'
import type { Pipeline, Task } from '../checkers/tekton-shapes.ts'
import { features } from './definitions.ts'

const fixtures = join(import.meta.dirname, 'fixtures')

// UPDATE_GOLDEN=1 takes what is emitted now as what is expected; read the diff before you commit it.
if (process.env['UPDATE_GOLDEN'] === '1') {
  rmSync(fixtures, { recursive: true, force: true })
  for (const [feature, emit] of Object.entries(features)) save(join(fixtures, feature), emit())
}

describe.each(Object.entries(features))('%s', (feature, emit) => {
  const emitted = emit()
  const resources = emitted.filter(({ path }) => path.startsWith('tekton/')).map(({ path, content }) => ({ path, resource: load(content) }))

  it('is emitted as committed', () => {
    const got = Object.fromEntries(emitted.map(({ path, content }) => [path, content]))
    try {
      expect(got).toEqual(expectedIn(join(fixtures, feature)))
    } catch (error) {
      const folder = mkdtempSync(join(tmpdir(), `slipway-golden-${feature}-`))
      save(folder, emitted)
      throw new Error(`${String(error)}\n\nWhat was emitted is in ${folder}`)
    }
  })

  it('is emitted the same way twice', () => {
    expect(emit()).toEqual(emitted)
  })

  it('would be taken by the hosts', () => {
    const actions = emitted.filter(({ path }) => path.endsWith('action.yml')).map(({ content }) => load(content))
    expect([...resources.map(({ resource }) => admissionViolations(resource)), ...actions.map(actionViolations)].flat()).toEqual([])
    const tasks = resources.filter(({ path }) => path.startsWith('tekton/tasks/')).map(({ resource }) => resource as Task)
    expect(tasks.flatMap(restrictedViolations)).toEqual([])
    const pipelines = resources.filter(({ path }) => path.startsWith('tekton/pipelines/')).map(({ resource }) => resource as Pipeline)
    expect(pipelines.flatMap((pipeline) => pipelineFitViolations(pipeline, tasks))).toEqual([])
  })
})

test('no folder of expectations is left over', () => {
  const folders = globSync('*', { cwd: fixtures })
  expect(folders.toSorted()).toEqual(Object.keys(features).toSorted())
})

function expectedIn(folder: string): Readonly<Record<string, string>> {
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')]
    }),
  )
}

function save(folder: string, files: readonly EmittedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}
