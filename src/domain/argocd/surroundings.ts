import type { Clock } from '../../spec/ports.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import type { Track } from './observe.ts'
import type { Pair, Relation } from './prove.ts'
import type { Application } from './schema.ts'

/** What whoever follows an application needs of the world. */
export interface Surroundings {
  readonly argo: Argo
  readonly clock: Clock
  /** How two revisions of a source stand to each other; `unknown` where git cannot be asked. */
  readonly relate: (pair: Pair, app: Application) => Promise<Relation>
  /** Reads an application; default one request of its own. */
  readonly look?: ((id: ApplicationId) => Promise<Application>) | undefined
  /** Resolves when something is heard of the application, or after so many milliseconds. */
  readonly rest: (id: ApplicationId, milliseconds: number) => Promise<void>
  readonly tell: (id: ApplicationId, saying: string, track: Track) => void
}
