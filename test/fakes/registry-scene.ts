import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLayout, type Layout } from '../../src/domain/oci/layout.ts'
import type { Repository } from '../../src/domain/oci/registry.ts'
import { type FakeRegistry, startFakeRegistry } from './registry.ts'
import { type TestClient, testClient } from './registry-client.ts'

/** An empty layout on disk, a registry that breaks on demand, and the real client of its repository team/app. */
export interface RegistryScene {
  /** Absolute; the layout is in it. */
  readonly folder: string
  readonly layout: Layout
  readonly registry: FakeRegistry
  readonly client: TestClient
  readonly repository: Repository
  /** The same repository to a run that has learned nothing yet. */
  later(): Repository
  close(): Promise<void>
}

export async function openRegistryScene(): Promise<RegistryScene> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-oci-'))
  const layout = await createLayout(join(folder, 'layout'))
  const registry = await startFakeRegistry()
  const clients: TestClient[] = []
  const open = (): TestClient => {
    const client = testClient()
    clients.push(client)
    return client
  }
  const client = open()
  const repositoryOf = (one: TestClient): Repository => one.connect(registry.address).repository('team/app')
  return {
    ...{ folder, layout, registry, client },
    repository: repositoryOf(client),
    later: () => repositoryOf(open()),
    async close() {
      for (const one of clients) one[Symbol.dispose]()
      await registry[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
