import type { Clock, Http, Log, Progress } from '../../../spec/ports.ts'

/** What advisories are fetched through. */
export interface RemotePorts {
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
  readonly progress: Progress
  readonly signal: AbortSignal
  /** A private folder for what was fetched, of this user alone; nothing there is taken unseen. */
  readonly folder: string
}
