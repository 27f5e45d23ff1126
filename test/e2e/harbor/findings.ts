import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { repository as ours } from '../../real/example.ts'
import { fill } from '../../real/folder.ts'
import { type Account, artifactsOf, loginFolder, type TestHarbor } from '../../real/harbor.ts'
import { output } from '../../real/program.ts'
import { until } from '../../real/until.ts'
import { build, layers } from './service.ts'

export interface ProbeOptions {
  readonly harbor: TestHarbor
  /** project/name */
  readonly repository: string
  readonly folder: string
  readonly robot: Account
}

const reports =
  'application/vnd.security.vulnerability.report; version=1.1, application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'

/** The vulnerabilities, by their names, that the scanner of this Harbor sees in the service: what there is to accept differs with the scanner. */
export async function findingsOf({ harbor, repository, folder, robot }: ProbeOptions): Promise<readonly string[]> {
  fill(folder, layers)
  mkdirSync(join(folder, '.slipway'), { recursive: true })
  const login = loginFolder(join(folder, '.slipway', 'login'), harbor.registry, robot)
  const env = { ...process.env, SLIPWAY_HOST: 'local', DOCKER_CONFIG: login, SLIPWAY_INSECURE_HOSTS: harbor.registry }
  const slipway = (...argv: string[]): Promise<string> =>
    output([process.execPath, join(ours, 'dist', 'slipway', 'index.js'), ...argv], { cwd: folder, env })
  await slipway('build', '--base', build.base, '--layers', build.layers, '--cmd', build.cmd)
  await slipway('push', '--image', `${harbor.registry}/${repository}`, '--tags', 'probe')
  return scanned(harbor, `${artifactsOf(repository)}/probe`)
}

async function scanned(harbor: TestHarbor, artifact: string): Promise<readonly string[]> {
  const headers = { 'x-accept-vulnerabilities': reports }
  const { status } = await harbor.call('POST', `${artifact}/scan`, { expect: [409, 412] })
  if (status === 412)
    throw new Error(`Harbor at ${harbor.url} has no scanner, and this suite is about one: register one, and make it the default`)
  let ids: readonly string[] = []
  const read = async (): Promise<boolean> => {
    const { body } = await harbor.call('GET', `${artifact}/additions/vulnerabilities`, { headers })
    const all = Object.values(Object(body)) as readonly { readonly vulnerabilities?: readonly { readonly id: string }[] | null }[]
    ids = [...new Set(all.flatMap(({ vulnerabilities }) => (vulnerabilities ?? []).map(({ id }) => id)))]
    return all.length > 0
  }
  await until('Harbor has a report of the probe', read, 120)
  if (ids.length === 0)
    throw new Error(`the scanner of Harbor at ${harbor.url} finds nothing in lodash 4.17.20: a gate has nothing to refuse`)
  return ids
}
