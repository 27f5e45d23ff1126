import { expect } from '@jest/globals'
import * as v from 'valibot'
import { decide } from './decide.ts'
import type { Next } from './next.ts'
import { type ArgoEvent, newTrack, observe, type Track } from './observe.ts'
import type { Relation } from './prove.ts'
import { type Application, application } from './schema.ts'
import type { Wish } from './wish.ts'

export const [old, wanted, newer] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)]
export const wish: Wish = {
  ...{
    revisions: [wanted],
    isStrict: false,
    maySync: true,
    prune: false,
    nonce: 'n1',
    settle: 10_000,
    grace: 30_000,
    allowSuspended: false,
  },
  ...{ deadline: 600_000, terminateOnTimeout: false },
}

/** Seconds after 12:00, as Argo CD writes times. */
export const time = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

export interface Given {
  readonly auto?: boolean
  readonly selfHeal?: boolean
  readonly revision?: string
  readonly sync?: string
  readonly health?: string
  readonly reconciled?: number
  readonly resources?: readonly object[]
  readonly conditions?: readonly object[]
  readonly operation?: object
  readonly state?: object
  readonly version?: number
  readonly more?: object
}

/** An application: synced, healthy, at the old revision, which an operation of before has brought. */
export function app(given: Given = {}): Application {
  const { auto = false, selfHeal = false, revision = old, sync = 'Synced', health = 'Healthy', reconciled = 5, version = 1 } = given
  return v.parse(application, {
    metadata: { name: 'web', uid: 'u', resourceVersion: String(version), ...given.more },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example.com/deploy.git', path: 'web', targetRevision: 'main' },
      ...(auto ? { syncPolicy: { automated: { selfHeal } } } : {}),
    },
    ...(given.operation === undefined ? {} : { operation: given.operation }),
    status: {
      sync: { status: sync, revision },
      health: { status: health },
      reconciledAt: time(reconciled),
      ...{ resources: given.resources ?? [], conditions: given.conditions ?? [] },
      operationState: given.state ?? ended('Succeeded', { revision: old, from: 1, to: 2 }),
    },
  })
}

export function ended(
  phase: string,
  {
    revision = wanted,
    from = 10,
    to = 12,
    nonce = '',
    auto = false,
    ...more
  }: {
    revision?: string
    from?: number
    to?: number
    nonce?: string
    auto?: boolean
    [name: string]: unknown
  } = {},
): object {
  const info = nonce === '' ? [] : [{ name: 'slipway', value: nonce }]
  const operation = { sync: { revision }, info, initiatedBy: { automated: auto } }
  return { phase, operation, startedAt: time(from), finishedAt: time(to), syncResult: { revision }, message: `it ${phase}`, ...more }
}

export const running = (more: object = {}): object => ({ ...ended('Running', { ...more }), finishedAt: undefined, ...more })

/** What happens, in turn, each so many seconds after the run has begun. */
export type Happening = readonly [second: number, what: DistributiveOmit<ArgoEvent, 'at'>]
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

export const seen = (second: number, given: Given = {}): Happening => [second, { kind: 'seen', app: app(given) }]
export const refreshing = (second: number): Happening => [second, { kind: 'refreshing' }]
export const refreshed = (second: number, given: Given = {}): Happening => [second, { kind: 'refreshed', app: app(given) }]
export const related = (live: string, relation: Relation): Happening => [
  1,
  { kind: 'related', pair: { position: 0, live, wanted }, relation },
]
export const started = (second: number, given: Given = {}): Happening => [
  second,
  {
    kind: 'started',
    outcome: {
      result: 'started',
      application: app({ operation: { sync: { revision: wanted }, info: [{ name: 'slipway', value: 'n1' }] }, version: 5, ...given }),
    },
  },
]

/** Argo CD has looked, and sees the revision that git had before: how it stands to the wanted one is known. */
export const looked: readonly Happening[] = [seen(0), refreshing(0), refreshed(1), related(old, 'behind')]

export function trackOf(happenings: readonly Happening[], asked: Wish): Track {
  return happenings.reduce<Track>(
    (track, [second, event]) => observe(track, { ...event, at: second * 1000 } as ArgoEvent, asked),
    newTrack(0),
  )
}

/** What has happened when it is decided, `at` so many seconds after the run has begun. */
export interface Row {
  readonly name: string
  readonly happened: readonly Happening[]
  readonly at: number
  readonly wish?: Partial<Wish>
  readonly next: Partial<Next>
}

/** Our revision is in git, and not live. */
export const ourSync = { sync: 'OutOfSync', revision: wanted }
/** Our sync has brought it. */
export const live = { revision: wanted, state: ended('Succeeded', { nonce: 'n1' }), reconciled: 12, version: 9 }

export function expectNext({ happened, at, wish: asked = {}, next }: Row): void {
  const whole = { ...wish, ...asked }
  expect(decide(trackOf(happened, whole), whole, at * 1000)).toMatchObject(next)
}
