import { systemClock } from '../../../io/clock.ts'
import type { Handler } from '../../../io/server.ts'
import type { Clock, Log } from '../../../spec/ports.ts'
import type { RegistryCredentials } from '../access.ts'
import { type AuthOptions, isTokenRequest } from '../auth/dialect.ts'
import { createGate } from '../auth/gate.ts'
import type { Asked, Registry } from '../exchange.ts'
import { openRegistry } from '../registry.ts'
import { serveFaulty } from './faulty.ts'
import { type ProfileName, profiles } from './profiles.ts'
import type { LogEntry } from './request-log.ts'
import type { Rule } from './rule.ts'
import { createScript } from './script.ts'

export interface FaultRegistryOptions {
  /** Absolute: the folder that holds everything. One registry at a time may use it. */
  readonly root: string
  /** Default: the specification's model, without any quirk. */
  readonly profile?: ProfileName | undefined
  /** In their order, before the profile's own. */
  readonly faults?: readonly Rule[]
  /** The account, asked for in the profile's dialect, or by Basic without a profile. Default: everyone may do everything. */
  readonly credentials?: RegistryCredentials | undefined
  /** The dialect and its account in full, in the place of the profile's. */
  readonly auth?: AuthOptions | undefined
  /** Waits for delays and slow rates. Default: the machine's clock. */
  readonly clock?: Clock
  readonly log: Log
  /** Told of each request when it comes, before any rule. */
  readonly onRequest?: (asked: Asked) => void
  /** Told of each request before the last byte of its answer is sent, or when it has been broken. */
  readonly onAnswer?: (entry: LogEntry) => void
}

export interface FaultRegistry {
  /** For `listen`. */
  readonly handler: Handler
  /** The registry behind, without any fault. */
  readonly registry: Registry
  /** More rules, before the others. */
  fail(...rules: readonly Rule[]): void
}

/** A registry that fails as it is told, with the quirks of a product and a log of its requests: for the certification of clients. Throws SW-REGISTRY-FOLDER. */
export async function createFaultRegistry(options: FaultRegistryOptions): Promise<FaultRegistry> {
  const { root, log, profile, faults = [], clock = systemClock(), onRequest, onAnswer } = options
  const registry = await openRegistry({ root, log })
  const script = createScript([...faults, ...(profile === undefined ? [] : profiles[profile].rules)])
  const auth = options.auth ?? authOf(options)
  const gate = auth === undefined ? undefined : createGate({ now: clock.now, ...auth })
  const isToken = (asked: Asked): boolean => auth !== undefined && isTokenRequest(asked, auth)
  const handler = serveFaulty(registry, { script, gate, isToken, clock, log, onRequest, onAnswer })
  return { handler, registry, fail: script.add }
}

function authOf({ profile, credentials }: FaultRegistryOptions): AuthOptions | undefined {
  if (credentials === undefined) return undefined
  return { ...(profile === undefined ? { mode: 'basic' } : profiles[profile].dialect), ...credentials }
}
