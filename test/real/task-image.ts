import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './example.ts'
import { temporaryFolder } from './folder.ts'
import { output } from './program.ts'

/** What is compared of a release record here. */
export interface ReleaseRecord {
  readonly tests: Readonly<Record<'passed' | 'failed' | 'verdict', unknown>>
  readonly subject: { readonly digest: string }
  readonly pushes: readonly unknown[]
}

/** The image that the generated Tasks run, made and pushed from dist/ as it lies. @returns its tag and digest */
export async function pushTaskImage(registry: string): Promise<string> {
  const script = join(repository, 'scripts', 'image.ts')
  const printed = await output([process.execPath, script, '--push', `${registry}/slipway/task`, '--tag', 'e2e', '--plain-http'])
  return printed.trim()
}

/**
 * Pushes an image of Node and files of this machine, by their place in the image, over plain HTTP.
 * @param image registry/repository
 * @returns it with its tag and digest
 */
export async function pushNodeImage(image: string, files: Readonly<Record<string, string>>): Promise<string> {
  using folder = temporaryFolder('image')
  const entries = Object.entries(files).map(([to, from], index) => ({ to, from, name: String(index) }))
  for (const { from, name } of entries) cpSync(from, join(folder.path, name), { recursive: true })
  const layers = entries.flatMap(({ to, name }) => ['--layers', `${name}:${to}`])
  await slipway(folder.path, 'build', '--base', 'node-runtime', '--cmd', 'node', ...layers)
  await slipway(folder.path, 'push', '--image', image, '--tags', 'e2e', '--plain-http')
  return `${image}:e2e@${readRecord(folder.path).subject.digest}`
}

/** Runs the bundled command as on somebody's own machine. */
export function slipway(cwd: string, ...argv: string[]): Promise<string> {
  return output([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), ...argv], {
    cwd,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
  })
}

/** What the tasks that ran in a folder have left for those that follow. */
export function readRecord(project: string): ReleaseRecord {
  return JSON.parse(readFileSync(join(project, '.slipway', 'record.json'), 'utf8')) as ReleaseRecord
}
