import type { Clock, Http, Identity, Secrets } from '../../spec/ports.ts'
import type { Environment } from './environment.ts'
import type { Cloud } from './machine.ts'

/** What a keyless login is made with. */
export interface KeylessPorts {
  readonly http: Http
  readonly clock: Clock
  readonly identity: Identity
  readonly secrets: Secrets
  readonly environment: Environment
  /** Whose machine this is, when nothing in the environment says so. */
  readonly machine: () => Promise<Cloud | undefined>
}
