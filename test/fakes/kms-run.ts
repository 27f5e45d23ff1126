import type { Cloud } from '../../src/domain/cloud/machine.ts'
import type { KeyHandle } from '../../src/domain/sigstore/keys/private-key.ts'
import { parseServiceReference } from '../../src/domain/sigstore/keys/service-reference.ts'
import { openServiceKey } from '../../src/domain/sigstore/kms/open.ts'
import { fakeClock } from './clock.ts'
import { type CloudService, startFakeCloud } from './cloud.ts'
import { fakePorts } from './ports.ts'

export interface KmsScene {
  readonly environment?: Readonly<Record<string, string>>
  readonly machine?: Cloud
  /** Identity tokens of this run, by audience. */
  readonly identity?: Readonly<Record<string, string>>
  readonly clock?: ReturnType<typeof fakeClock>
  /** Hosts that plain http is allowed for. */
  readonly insecureHosts?: readonly string[]
}

export interface KmsRun extends AsyncDisposable {
  open(reference: string): Promise<KeyHandle>
  readonly asked: readonly string[]
  readonly masked: readonly string[]
  readonly lines: readonly string[]
}

/** A run that may reach key services, on a machine of a cloud or none. */
export async function kmsRun(services: readonly CloudService[], scene: KmsScene = {}): Promise<KmsRun> {
  const { environment = {}, machine, identity = {}, clock = fakeClock(), insecureHosts = [] } = scene
  const { ports, recorded } = fakePorts({ clock, environment })
  const cloud = await startFakeCloud(services, { clock })
  const token = async (audience: string): Promise<string> => {
    const found = identity[audience]
    if (found === undefined) throw new Error(`no identity for ${audience}`)
    return found
  }
  const http = { ...cloud.http, insecureHosts }
  const all = { ...ports, http, identity: { token }, machine: () => Promise.resolve(machine), patience: 60_000 }
  return {
    async open(reference) {
      const parsed = parseServiceReference(reference)
      if (parsed === undefined) throw new Error(`${reference} is of no key service`)
      return openServiceKey(parsed, all)
    },
    asked: cloud.asked,
    masked: recorded.masked,
    lines: recorded.lines,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  }
}
