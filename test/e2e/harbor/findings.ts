import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { repository as ours } from '../../real/example.ts'
import { fill } from '../../real/folder.ts'
import { type Account, artifactsOf, loginFolder, type TestHarbor } from '../../real/harbor.ts'
import { output } from '../../real/program.ts'
import { insecure } from './runtimes.ts'
import { bringScanner, type Finding, scanned } from './scanner.ts'
import { build, layers } from './service.ts'

export interface ProbeOptions {
  readonly harbor: TestHarbor
  readonly project: string
  readonly folder: string
  readonly robot: Account
  /** Takes the scanner that is brought where Harbor has none that works. */
  readonly stack: AsyncDisposableStack
}

/**
 * The vulnerabilities that the scanner of this Harbor sees in the service: what there is to accept differs with the scanner. One is
 * brought to the project where Harbor has none, or one that cannot scan.
 */
export async function findingsOf({ harbor, project, folder, robot, stack }: ProbeOptions): Promise<readonly Finding[]> {
  fill(folder, layers)
  mkdirSync(join(folder, '.slipway'), { recursive: true })
  const login = loginFolder(join(folder, '.slipway', 'login'), harbor.registry, robot)
  const env = { ...process.env, SLIPWAY_HOST: 'local', DOCKER_CONFIG: login, ...insecure(harbor) }
  const slipway = (...argv: string[]): Promise<string> =>
    output([process.execPath, join(ours, 'dist', 'slipway', 'index.js'), ...argv], { cwd: folder, env })
  await slipway('build', '--base', build.base, '--layers', build.layers, '--cmd', build.cmd)
  await slipway('push', '--image', `${harbor.registry}/${project}/probe`, '--tags', 'probe')
  const probe = `${artifactsOf(`${project}/probe`)}/probe`
  const first = await scanned(harbor, probe)
  if (typeof first !== 'string' && first.some(isGrave)) return first
  stack.use(await bringScanner(harbor, project))
  const second = await scanned(harbor, probe)
  if (typeof second !== 'string' && second.some(isGrave)) return second
  const why = [first, second].map((one) => (typeof one === 'string' ? one : `${one.length} findings, none of them high`))
  throw new Error(`Harbor at ${harbor.url} finds nothing to refuse in lodash 4.17.20: ${why.join('; with a scanner of this suite: ')}`)
}

/** The gate refuses from High on. */
export function isGrave({ severity }: Finding): boolean {
  return ['High', 'Critical'].includes(severity)
}
