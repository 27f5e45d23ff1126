import type { Cloud } from '../../src/domain/cloud/machine.ts'
import { type Keyless, keyless } from '../../src/domain/oci/auth/keyless.ts'
import { fakeClock } from './clock.ts'
import { type CloudService, startFakeCloud } from './cloud.ts'
import { fakePorts } from './ports.ts'

export interface KeylessScene {
  readonly environment?: Readonly<Record<string, string>>
  readonly machine?: Cloud
  /** Identity tokens of this run, by audience. */
  readonly identity?: Readonly<Record<string, string>>
  readonly clock?: ReturnType<typeof fakeClock>
}

export interface KeylessRun extends Keyless, AsyncDisposable {
  readonly asked: readonly string[]
  readonly masked: readonly string[]
  readonly lines: readonly string[]
}

/** A run on a machine of a cloud, at a registry that it has no stored login for. */
export async function keylessRun(registry: string, services: readonly CloudService[], scene: KeylessScene = {}): Promise<KeylessRun> {
  const { environment = {}, machine, identity = {}, clock = fakeClock() } = scene
  const { ports, recorded } = fakePorts({ clock, environment })
  const cloud = await startFakeCloud(services, { clock })
  const token = async (audience: string): Promise<string> => {
    const found = identity[audience]
    if (found === undefined) throw new Error(`no identity for ${audience}`)
    return found
  }
  const run = keyless(registry, { ...ports, http: cloud.http, identity: { token }, machine: () => Promise.resolve(machine) })
  return {
    ...run,
    asked: cloud.asked,
    masked: recorded.masked,
    lines: recorded.lines,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  }
}
