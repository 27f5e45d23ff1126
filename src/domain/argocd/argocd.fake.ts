import { afterEach, beforeEach } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { answer, type FaultServer, faultServer, type Step } from '../../io/fixtures/fault-server.ts'
import { quickClock } from '../../io/fixtures/ports.ts'
import { createTransport } from '../../io/transport.ts'
import { fixedToken } from './auth/tokens.ts'
import { type Argo, connectArgo } from './client.ts'
import type { ConnectionPorts } from './connection.ts'
import { serverOf } from './server.ts'

/** A server that says what a test lets it say, with the client and the transport of production. */
export interface ArgoScene {
  readonly server: FaultServer
  readonly argo: Argo
  readonly ports: ConnectionPorts
  readonly clock: ReturnType<typeof quickClock>
  readonly masked: readonly string[]
  readonly lines: readonly string[]
}

export function argoScene(): () => ArgoScene {
  let scene: ArgoScene | undefined
  let close = async (): Promise<void> => undefined
  beforeEach(async () => {
    const server = await faultServer()
    const clock = quickClock()
    const { ports, recorded } = fakePorts({ clock })
    const http = createTransport({ userAgent: 'test', clock, log: ports.log, signal: ports.signal, random: () => 1 })
    close = async () => {
      http.close()
      await server.close()
    }
    const all = { ...ports, http, identity: { token: async (audience: string) => `identity for ${audience}` } }
    const argo = connectArgo({ server: serverOf(server.url), tokens: fixedToken('t0ken', 'the token that was given') }, all)
    scene = { server, argo, ports: all, clock, masked: recorded.masked, lines: recorded.lines }
  })
  afterEach(() => close())
  return () => {
    if (scene === undefined) throw new Error('the scene opens with each test')
    return scene
  }
}

/** An answer of Argo CD’s API. */
export function says(body: unknown, status = 200): Step {
  return answer(status, JSON.stringify(body), { 'content-type': 'application/json' })
}

/** A refusal as grpc-gateway writes it. */
export function refuses(status: number, code: number, message: string): Step {
  return says({ error: message, code, message }, status)
}
