import { join } from 'node:path'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { testClient } from '../fakes/registry-client.ts'
import { hasDistribution3, startDistribution3 } from './distribution.ts'
import { startDockerRegistry } from './docker-registry.ts'

/** Registries that a test asks one after the other: where the lab's is missing, there are two. */
export const registryNames = [
  'docker-registry 2.8',
  'slipway registry',
  ...(hasDistribution3 ? (['distribution 3'] as const) : []),
] as const

/** Starts each of them with its storage below a folder; their addresses by name. They end with the stack. */
export async function startRegistries(stack: AsyncDisposableStack, folder: string): Promise<Map<string, string>> {
  using setUp = testClient()
  const served = await listen(await createRegistry({ root: join(folder, 'ours'), log: setUp.ports.log }))
  stack.defer(() => served.close())
  const addresses = new Map([['slipway registry', served.address]])
  addresses.set('docker-registry 2.8', stack.use(await startDockerRegistry(folder)).address)
  if (hasDistribution3) addresses.set('distribution 3', stack.use(await startDistribution3(join(folder, 'distribution'))).address)
  return addresses
}
