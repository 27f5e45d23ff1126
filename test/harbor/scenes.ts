import type { FakeHarbor } from '../fakes/harbor/harbor.ts'
import type { ScanPlan, ScanRequest } from '../fakes/harbor/scans.ts'

/** What a scenario's exchanges do not tell of the time before and between them. */
export interface Scene {
  /** Whether a scanner is registered. Default yes. */
  readonly scanner?: boolean
  /** When it began; default 2026-11-21T16:20:00Z. */
  readonly start?: string
  readonly projects?: Readonly<Record<string, { metadata?: Record<string, string>; members?: Record<string, number>; hard?: number }>>
  readonly before?: (harbor: FakeHarbor) => void
  /** Done before the exchange of that number. */
  readonly at?: Readonly<Record<number, (harbor: FakeHarbor) => void>>
  readonly script?: (request: ScanRequest) => ScanPlan
  /** Requests with a wrong password whose notes do not say so. */
  readonly wrong?: readonly number[]
}

export const scenes: Readonly<Record<string, Scene>> = {
  '15-scanner-registry': { scanner: false },
}
