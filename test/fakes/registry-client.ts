import { connectRegistry, type Registry, type RegistryOptions, type RegistryPorts } from '../../src/domain/oci/registry.ts'
import { createTransport } from '../../src/io/transport.ts'
import { fakeClock } from './clock.ts'
import { fakePorts } from './ports.ts'

export interface TestClient extends Disposable {
  readonly ports: RegistryPorts
  readonly clock: ReturnType<typeof fakeClock>
  /** `level message {fields}` */
  readonly lines: readonly string[]
  readonly masked: readonly string[]
  connect(address: string, options?: RegistryOptions): Registry
}

/** The real client and transport, with a clock that does not wait. */
export function testClient(environment: Readonly<Record<string, string>> = {}, given: Partial<RegistryPorts> = {}): TestClient {
  const clock = fakeClock()
  const { ports, recorded } = fakePorts({ clock, environment, ...given })
  const http = createTransport({ userAgent: 'test', clock, log: ports.log, signal: ports.signal })
  const all = { ...ports, http }
  return {
    ports: all,
    clock,
    lines: recorded.lines,
    masked: recorded.masked,
    connect: (address, options) => connectRegistry(address, all, options),
    [Symbol.dispose]: () => http.close(),
  }
}
