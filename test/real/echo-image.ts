import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { tektonStepAction } from '../../src/emit/tekton-stepaction.ts'
import { tektonTask } from '../../src/emit/tekton-task.ts'
import { task } from '../models/echo-task.ts'
import { repository } from './example.ts'
import { temporaryFolder } from './folder.ts'
import { pushNodeImage } from './task-image.ts'

/** An image in which the sources of the echo task run in place of a bundle. @returns its tag and digest */
export async function pushEchoImage(registry: string): Promise<string> {
  using folder = temporaryFolder('echo')
  const echo = join(folder.path, 'echo')
  for (const name of ['package.json', 'src', 'test/models', ...dependencies().map((name) => join('node_modules', name))])
    cpSync(join(repository, name), join(echo, name), { recursive: true })
  const entry = join(folder.path, 'dist', 'echo')
  mkdirSync(entry, { recursive: true })
  writeFileSync(join(entry, 'index.js'), `import '/opt/echo/test/models/echo.ts'\n`)
  return pushNodeImage(`${registry}/slipway/echo`, { '/opt/echo': echo, '/opt/slipway/dist': join(folder.path, 'dist') })
}

/** The Task and the StepAction that the emitters make of the echo task. */
export function echoResources(image: string): readonly unknown[] {
  const options = { doc: '', image, source: 'echo-task.ts', version: '1.0.0' }
  return [...tektonTask(task, options), ...tektonStepAction(task, options)].map(({ content }) => load(content))
}

function dependencies(): readonly string[] {
  const text = readFileSync(join(repository, 'package.json'), 'utf8')
  return Object.keys((JSON.parse(text) as { dependencies: Record<string, string> }).dependencies)
}
