import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import { fakeClock } from '../../../../../test/fakes/clock.ts'
import { type FakeCloud, startFakeCloud } from '../../../../../test/fakes/cloud.ts'
import { fakePorts } from '../../../../../test/fakes/ports.ts'
import { type TufRepositoryFake, tufRepository } from '../../../../../test/fakes/tuf-repository.ts'
import { temporaryFolder } from '../../../../io/fixtures/folder.ts'
import { fetchTargets } from './client.ts'

export const origin = 'https://tuf.example.com'
export const week = 7 * 24 * 3600 * 1000
const folders = temporaryFolder()
const open: FakeCloud[] = []

export interface Scene {
  readonly repository: TufRepositoryFake
  readonly clock: ReturnType<typeof fakeClock>
  readonly asked: readonly string[]
  readonly lines: readonly string[]
  /** The folder of what is kept. */
  readonly kept: () => string
  /** Makes every request fail. */
  readonly cut: () => void
  /** Where the caches of repositories are. */
  readonly folder: string
  get(path?: string, options?: { offline?: boolean; root?: Buffer; folder?: string }): Promise<string | undefined>
}

/** A repository at an address, a clock, and a folder for what is kept; closed after each test. */
export async function scene(change: Parameters<TufRepositoryFake['publish']>[0] = {}): Promise<Scene> {
  const clock = fakeClock()
  const expires = clock.now() + week
  const repository = tufRepository(origin, { targets: { 'trusted_root.json': 'the root' }, expires, ...change })
  let isCut = false
  const cloud = await startFakeCloud([(request) => (isCut ? { status: 503, body: 'down' } : repository.service(request))], { clock })
  open.push(cloud)
  const { ports, recorded } = fakePorts({ clock })
  const folder = mkdtempSync(join(folders, 'tuf-'))
  return {
    ...{ repository, clock, folder, asked: cloud.asked, lines: recorded.lines },
    kept: () => join(folder, readdirSync(folder)[0] ?? ''),
    cut: () => {
      isCut = true
    },
    get: async (path = 'trusted_root.json', { offline = false, root = repository.root, folder: at = folder } = {}) => {
      const from = { http: cloud.http, clock, log: ports.log, folder: at, offline }
      return (await fetchTargets({ url: origin, root }, [path], from)).get(path)?.toString()
    },
  }
}

afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud[Symbol.asyncDispose]()
})
