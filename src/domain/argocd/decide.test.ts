import { describe, expect, it, test } from '@jest/globals'
import * as v from 'valibot'
import { decide } from './decide.ts'
import type { Next } from './next.ts'
import { type ArgoEvent, newTrack, observe, type Track } from './observe.ts'
import type { Relation } from './prove.ts'
import { type Application, application } from './schema.ts'
import type { Wish } from './wish.ts'

const [old, wanted, newer] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)]
const wish: Wish = {
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
const time = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()

interface Given {
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
function app(given: Given = {}): Application {
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

function ended(
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

const running = (more: object = {}): object => ({ ...ended('Running', { ...more }), finishedAt: undefined, ...more })

/** What happens, in turn, each so many seconds after the run has begun. */
type Happening = readonly [second: number, what: DistributiveOmit<ArgoEvent, 'at'>]
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const seen = (second: number, given: Given = {}): Happening => [second, { kind: 'seen', app: app(given) }]
const refreshing = (second: number): Happening => [second, { kind: 'refreshing' }]
const refreshed = (second: number, given: Given = {}): Happening => [second, { kind: 'refreshed', app: app(given) }]
const related = (live: string, relation: Relation): Happening => [1, { kind: 'related', pair: { position: 0, live, wanted }, relation }]
const started = (second: number, given: Given = {}): Happening => [
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
const looked: readonly Happening[] = [seen(0), refreshing(0), refreshed(1), related(old, 'behind')]

function trackOf(happenings: readonly Happening[], asked: Wish): Track {
  return happenings.reduce<Track>(
    (track, [second, event]) => observe(track, { ...event, at: second * 1000 } as ArgoEvent, asked),
    newTrack(0),
  )
}

interface Row {
  readonly name: string
  readonly happened: readonly Happening[]
  readonly at: number
  readonly wish?: Partial<Wish>
  readonly next: Partial<Next>
}

const ourSync = { sync: 'OutOfSync', revision: wanted }
const live = { revision: wanted, state: ended('Succeeded', { nonce: 'n1' }), reconciled: 12, version: 9 }
const givenUp: Given = {
  ...{ ...live, health: 'Degraded' },
  resources: [
    { kind: 'Deployment', name: 'web', health: { status: 'Degraded', message: 'Deployment "web" exceeded its progress deadline' } },
  ],
}
const out = (more: object = {}): object => ({ kind: 'ConfigMap', name: 'c', status: 'OutOfSync', ...more })

const failedBefore: Given = {
  ...{ auto: true, sync: 'OutOfSync', state: ended('Failed', { auto: true, revision: old, from: 1, to: 2 }) },
  conditions: [{ type: 'SyncError', message: `Failed last sync attempt to ${old}: no` }],
}
const leftBehind = ended('Succeeded', {
  nonce: 'n1',
  syncResult: {
    revision: wanted,
    resources: [{ kind: 'ConfigMap', namespace: 'd', name: 'c', status: 'PruneSkipped', message: 'ignored (requires pruning)' }],
  },
})

const rows: readonly Row[] = [
  { name: 'first Argo CD is asked to look at git', happened: [seen(0)], at: 0, next: { do: 'refresh' } },
  { name: 'R1: synced and healthy at the old revision proves nothing', happened: looked, at: 2, next: { do: 'wait' } },
  {
    name: 'R1: nor after a time that would be settled, in which the controller stands still',
    happened: [seen(0), refreshing(0), [30, { kind: 'not-refreshed' }], seen(30), related(old, 'behind')],
    at: 600,
    next: { do: 'end', result: 'timeout' },
  },
  {
    name: 'R2: an operation that had failed before is not ours: a sync is started',
    happened: [
      seen(0, { ...ourSync, state: ended('Failed') }),
      refreshing(0),
      refreshed(1, { ...ourSync, state: ended('Failed'), reconciled: 20 }),
    ],
    at: 2,
    next: { do: 'sync', revisions: [wanted] },
  },
  {
    name: 'R2: one with our nonce that fails is ours',
    happened: [...looked, started(2), seen(9, { ...ourSync, state: ended('Failed', { nonce: 'n1' }), reconciled: 12, version: 7 })],
    at: 9,
    next: { do: 'end', result: 'sync-failed', why: 'it Failed' },
  },
  {
    name: 'R2: one with another nonce that fails is not',
    happened: [...looked, started(2), seen(9, { ...ourSync, state: ended('Failed', { nonce: 'n2' }), reconciled: 12, version: 7 })],
    at: 9,
    next: { do: 'sync' },
  },
  {
    name: 'R2: a sync that Argo CD did by itself and that failed since we came is the failure',
    happened: [
      seen(0, { auto: true }),
      refreshing(0),
      refreshed(1, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 12 }),
    ],
    at: 2,
    next: { do: 'end', result: 'sync-failed' },
  },
  {
    name: 'R2: that the sync of an older revision has failed is no failure of the wanted one',
    happened: [
      ...[seen(0, failedBefore), refreshing(0), refreshed(1, failedBefore), related(old, 'behind')],
      ...[seen(2, failedBefore), seen(60, failedBefore)],
    ],
    at: 61,
    next: { do: 'refresh' },
  },
  {
    name: 'R2: that of the wanted one, from before we came, is the failure where nobody tries it again',
    happened: [
      ...[seen(0, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 13 }), refreshing(0)],
      ...[refreshed(1, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 14 })],
      seen(3, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 14 }),
    ],
    at: 3,
    wish: { maySync: false },
    next: { do: 'end', result: 'sync-failed', why: 'it Failed' },
  },
  {
    name: 'R3: a refresh that does not end is asked for again',
    happened: [seen(0), refreshing(0), [30, { kind: 'not-refreshed' }], seen(30), related(old, 'behind')],
    at: 31,
    next: { do: 'refresh' },
  },
  {
    name: 'R4: an operation of others, of another revision, is waited for',
    happened: [...looked, seen(3, { ...ourSync, operation: { sync: { revision: old } }, state: running({ revision: old }) })],
    at: 4,
    next: { do: 'wait' },
  },
  {
    name: 'R4: where Argo CD says that another one runs, it is looked at again',
    happened: [
      seen(0),
      refreshing(0),
      refreshed(1, ourSync),
      [2, { kind: 'started', outcome: { result: 'busy', message: 'another operation is already in progress' } }],
    ],
    at: 2,
    next: { do: 'wait' },
  },
  {
    name: 'R4: and ours is tried again when it is over',
    happened: [
      seen(0),
      refreshing(0),
      refreshed(1, ourSync),
      [2, { kind: 'started', outcome: { result: 'busy', message: 'another operation is already in progress' } }],
      seen(6, ourSync),
    ],
    at: 6,
    next: { do: 'sync' },
  },
  {
    name: 'R4: one that has brought what is wanted is enough',
    happened: [
      ...looked,
      seen(5, { ...live, state: ended('Succeeded', { nonce: 'n2' }) }),
      refreshing(15),
      refreshed(16, { ...live, state: ended('Succeeded', { nonce: 'n2' }), reconciled: 15 }),
    ],
    at: 16,
    next: { do: 'end', result: 'deployed' },
  },
  {
    name: 'R4: somebody who goes back after ours had succeeded is not overruled',
    happened: [
      ...[...looked, started(2), seen(12, live)],
      seen(15, { ...ourSync, state: ended('Succeeded', { revision: old, nonce: '', from: 13, to: 14 }), reconciled: 14, version: 11 }),
    ],
    at: 15,
    next: { do: 'end', result: 'superseded', why: `somebody has synced it to ${old.slice(0, 12)} after this run` },
  },
  {
    name: 'R5: an application that syncs itself is left to do so',
    happened: [seen(0, { auto: true }), refreshing(0), refreshed(1, { auto: true, ...ourSync })],
    at: 2,
    next: { do: 'wait' },
  },
  {
    name: 'R5: and is told no revision where it would never do it again',
    happened: [
      ...[seen(0, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 13 }), refreshing(0)],
      ...[
        refreshed(1, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 14 }),
        seen(3, { auto: true, ...ourSync, state: ended('Failed', { auto: true }), reconciled: 14 }),
      ],
    ],
    at: 3,
    next: { do: 'sync', saying: 'starting the sync' },
  },
  {
    name: 'R6: a revision that git has to tell about is asked about',
    happened: [seen(0), refreshing(0), refreshed(1, { revision: newer })],
    at: 2,
    next: { do: 'compare', pair: { position: 0, live: newer, wanted } },
  },
  {
    name: 'R6: one that contains the wanted is taken',
    happened: [
      ...[...looked, related(newer, 'ahead'), seen(2, { revision: newer }), seen(12, { revision: newer })],
      ...[refreshing(12), refreshed(13, { revision: newer, reconciled: 13 })],
    ],
    at: 13,
    next: { do: 'end', result: 'superseded', why: '' },
  },
  {
    name: 'R6: but not where exactly one is wanted',
    happened: [...looked, related(newer, 'ahead'), seen(2, { revision: newer }), seen(13, { revision: newer, reconciled: 13 })],
    at: 13,
    wish: { isStrict: true },
    next: { do: 'end', result: 'superseded', why: `a newer revision is in git: ${newer.slice(0, 12)}` },
  },
  {
    name: 'R6: one that does not contain it is not',
    happened: [...looked, related(newer, 'diverged'), seen(2, { revision: newer }), seen(13, { revision: newer, reconciled: 13 })],
    at: 14,
    next: { do: 'wait' },
  },
  {
    name: 'R7: live without an operation is unchanged',
    happened: [...looked, seen(2, { revision: wanted }), refreshing(12), refreshed(13, { revision: wanted, reconciled: 13 })],
    at: 13,
    next: { do: 'end', result: 'unchanged' },
  },
  {
    name: 'R6: git that could not tell is asked again after a minute',
    happened: [...looked, related(newer, 'unknown'), refreshing(60), refreshed(62, { revision: newer })],
    at: 62,
    next: { do: 'compare', pair: { position: 0, live: newer, wanted } },
  },
  {
    name: 'R6: and not before',
    happened: [...looked, related(newer, 'unknown'), refreshing(30), refreshed(32, { revision: newer })],
    at: 32,
    next: { do: 'wait' },
  },
  {
    name: 'R6: a commit that no branch has is named so',
    happened: [...looked, related(newer, 'absent'), seen(3, { revision: newer })],
    at: 3,
    next: { do: 'wait', saying: `Argo CD sees ${newer.slice(0, 12)} in git, and no branch of the repository has the commit wanted` },
  },
  { name: 'R8: git is looked at again where a mirror may lag', happened: looked, at: 16, next: { do: 'refresh' } },
  {
    name: 'R9: a state from before the end of the operation proves nothing',
    happened: [...looked, started(2), seen(20, { ...live, reconciled: 11 })],
    at: 21,
    next: { do: 'wait' },
  },
  {
    name: 'R9: and is asked for anew where it stays so',
    happened: [...looked, started(2), seen(20, { ...live, reconciled: 11 })],
    at: 36,
    next: { do: 'refresh' },
  },
  { name: 'R10: healthy is not settled', happened: [...looked, started(2), seen(12, live)], at: 12, next: { do: 'wait' } },
  {
    name: 'R10: what was not healthy in between settles anew',
    happened: [...looked, started(2), seen(12, live), seen(18, { ...live, health: 'Progressing' }), seen(19, live)],
    at: 23,
    next: { do: 'wait' },
  },
  {
    name: 'R10: at the end of the time the controller has to show that it lives',
    happened: [...looked, started(2), seen(12, live), seen(22, live)],
    at: 22,
    next: { do: 'refresh' },
  },
  {
    name: 'R10: then it is deployed',
    happened: [...looked, started(2), seen(12, live), seen(22, live), refreshing(22), refreshed(23, live)],
    at: 23,
    next: { do: 'end', result: 'deployed' },
  },
  {
    name: 'R10: what it wrote in the middle of the time says nothing of its end',
    happened: [...looked, started(2), seen(12, live), seen(15, { ...live, reconciled: 15 }), seen(23, { ...live, reconciled: 15 })],
    at: 23,
    next: { do: 'refresh' },
  },
  {
    name: 'R11: degraded for a moment is waited out',
    happened: [...looked, started(2), seen(12, { ...live, health: 'Degraded' }), seen(14, { ...live, health: 'Degraded' })],
    at: 14,
    next: { do: 'wait' },
  },
  {
    name: 'R11: degraded for longer is the result',
    happened: [...looked, started(2), seen(12, { ...live, health: 'Degraded' }), seen(43, { ...live, health: 'Degraded' })],
    at: 43,
    next: { do: 'end', result: 'degraded' },
  },
  {
    name: 'R11: a rollout that has given up is it at once',
    happened: [...looked, started(2), seen(12, givenUp), seen(14, givenUp)],
    at: 14,
    next: { do: 'end', result: 'degraded' },
  },
  {
    name: 'R11: degraded at the old revision says nothing of the wanted one',
    happened: [...looked, seen(2, { health: 'Degraded' }), seen(60, { health: 'Degraded' })],
    at: 61,
    wish: { maySync: false },
    next: { do: 'refresh' },
  },
  {
    name: 'R12: an operation that waits for its next try is not over',
    happened: [
      ...[...looked, started(2)],
      seen(9, {
        ...ourSync,
        operation: { sync: { revision: wanted }, info: [{ name: 'slipway', value: 'n1' }] },
        state: { ...ended('Running', { nonce: 'n1' }), retryCount: 2 },
        version: 7,
      }),
    ],
    at: 9,
    next: { do: 'wait', saying: 'the sync failed 2 times and is tried again: it Running' },
  },
  {
    name: 'R13: a window that is shut refuses a sync',
    happened: [
      seen(0),
      refreshing(0),
      refreshed(1, ourSync),
      [2, { kind: 'started', outcome: { result: 'window', message: 'blocked by sync window' } }],
    ],
    at: 2,
    next: { do: 'end', result: 'blocked-window' },
  },
  {
    name: 'R13: where nothing begins by itself the windows are asked for',
    happened: [seen(0, { auto: true }), refreshing(0), refreshed(1, { auto: true, ...ourSync })],
    at: 12,
    next: { do: 'windows' },
  },
  {
    name: 'R13: and one that denies is the result',
    happened: [
      ...[seen(0, { auto: true }), refreshing(0), refreshed(1, { auto: true, ...ourSync })],
      [
        12,
        {
          kind: 'windows',
          windows: { canSync: true, active: [{ kind: 'deny', schedule: '* * * * *', duration: '1h', manualSync: true }], assigned: [] },
        },
      ],
    ],
    at: 12,
    next: { do: 'end', result: 'blocked-window', why: 'no sync may begin now: deny * * * * * for 1h' },
  },
  {
    name: 'R13: one that shuts over a running operation leaves it running for ever: the result too',
    happened: [
      ...[...looked, started(2)],
      seen(9, {
        ...ourSync,
        operation: { sync: { revision: wanted } },
        state: { ...running({ nonce: 'n1' }), message: 'Sync operation blocked by sync window' },
        version: 7,
      }),
    ],
    at: 9,
    next: { do: 'end', result: 'blocked-window' },
  },
  {
    name: 'R14: what only pruning would bring in sync needs somebody to allow it',
    happened: [seen(0), refreshing(0), refreshed(1, { ...ourSync, resources: [out({ requiresPruning: true })] })],
    at: 2,
    next: { do: 'end', result: 'prune-required', why: 'git no longer has ConfigMap c' },
  },
  {
    name: 'R14: with the leave to prune it is synced',
    happened: [seen(0), refreshing(0), refreshed(1, { ...ourSync, resources: [out({ requiresPruning: true })] })],
    at: 2,
    wish: { prune: true },
    next: { do: 'sync' },
  },
  {
    name: 'R14: what differs and has to be applied is no matter of pruning',
    happened: [seen(0), refreshing(0), refreshed(1, { ...ourSync, resources: [out({ requiresPruning: true }), out({ name: 'd' })] })],
    at: 2,
    next: { do: 'sync' },
  },
  {
    name: 'R14: nor are they overlooked where our revision is not what the branch has',
    happened: [...looked, started(2), seen(12, { ...live, revision: old, sync: 'OutOfSync', state: leftBehind })],
    at: 12,
    next: { do: 'end', result: 'prune-required', why: 'git does not have ConfigMap d/c' },
  },
  {
    name: 'a rollback is done where its revision is live with other parameters',
    happened: [seen(0, { revision: wanted }), refreshing(0), refreshed(1, { revision: wanted }), related(old, 'behind')],
    at: 1,
    wish: { rollback: 3, isStrict: true },
    next: { do: 'sync' },
  },
  {
    name: 'and what it has brought is live, whatever the branch has',
    happened: [
      ...[...looked, started(2), seen(12, { ...live, revision: old, sync: 'OutOfSync' })],
      ...[seen(14, { ...live, revision: old, sync: 'OutOfSync' }), refreshing(22)],
      refreshed(23, { ...live, revision: old, sync: 'OutOfSync' }),
    ],
    at: 23,
    wish: { rollback: 3, isStrict: true },
    next: { do: 'end', result: 'deployed' },
  },
  {
    name: 'R15: a server that is away for a moment is waited for',
    happened: [...looked, [5, { kind: 'lost', why: 'connection refused' }]],
    at: 60,
    next: { do: 'wait' },
  },
  {
    name: 'R15: for longer it is unreachable',
    happened: [...looked, [5, { kind: 'lost', why: 'connection refused' }]],
    at: 306,
    next: { do: 'end', result: 'unreachable' },
  },
  {
    name: 'R17: an operation goes on when the time is over',
    happened: [...looked, started(2)],
    at: 600,
    next: { do: 'end', result: 'timeout' },
  },
  {
    name: 'R17: or is ended where that is wanted',
    happened: [...looked, started(2)],
    at: 600,
    wish: { terminateOnTimeout: true },
    next: { do: 'terminate' },
  },
  {
    name: 'R17: but never one of others to another revision',
    happened: [...looked, seen(3, { ...ourSync, operation: { sync: { revision: old } }, state: running({ revision: old }) })],
    at: 600,
    wish: { terminateOnTimeout: true },
    next: { do: 'end', result: 'timeout' },
  },
  {
    name: 'R17: nor one of others to a newer revision',
    happened: [
      ...[...looked, related(newer, 'ahead')],
      seen(3, { ...ourSync, revision: newer, operation: { sync: { revision: newer } }, state: running({ revision: newer }) }),
    ],
    at: 600,
    wish: { terminateOnTimeout: true },
    next: { do: 'end', result: 'timeout' },
  },
  {
    name: 'R17: what cannot be ended is late all the same',
    happened: [...looked, started(2), [600, { kind: 'terminated' }], [600, { kind: 'lost', why: 'permission denied' }]],
    at: 600,
    wish: { terminateOnTimeout: true },
    next: { do: 'end', result: 'timeout' },
  },
  {
    name: 'R18: an application that is gone is named so',
    happened: [...looked, [5, { kind: 'gone', why: 'it is not there' }]],
    at: 5,
    next: { do: 'end', result: 'not-found-or-forbidden' },
  },
  {
    name: 'R18: and one that was made anew under its name is another',
    happened: [...looked, seen(5, { more: { uid: 'another' } })],
    at: 5,
    next: { do: 'end', result: 'not-found-or-forbidden', why: 'it was deleted and made anew' },
  },
  {
    name: 'R19: a partial sync of ours proves nothing where git leads elsewhere',
    happened: [
      ...[...looked, started(2)],
      seen(12, {
        ...live,
        revision: old,
        state: ended('Succeeded', {
          nonce: 'n1',
          operation: {
            sync: { revision: wanted, resources: [{ kind: 'ConfigMap', name: 'c' }] },
            info: [{ name: 'slipway', value: 'n1' }],
          },
        }),
      }),
    ],
    at: 13,
    next: { do: 'wait' },
  },
  {
    name: 'R20: of a child that nobody named a revision for, what Argo CD sees since it was asked to look',
    happened: [seen(0), refreshing(0), refreshed(1), refreshing(11), refreshed(12, { reconciled: 12 })],
    at: 12,
    wish: { revisions: [undefined] },
    next: { do: 'end', result: 'unchanged' },
  },
  {
    name: 'R20: and nothing before that',
    happened: [seen(0), refreshing(0), seen(12, { reconciled: 12 })],
    at: 12,
    wish: { revisions: [undefined] },
    next: { do: 'wait' },
  },
]

describe('the next step', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, { happened, at, wish: asked = {}, next }) => {
    const whole = { ...wish, ...asked }
    expect(decide(trackOf(happened, whole), whole, at * 1000)).toMatchObject(next)
  })
})

describe('R16: several sources', () => {
  const sources = [
    { repoURL: 'a', path: 'x' },
    { repoURL: 'b', ref: 'values' },
    { repoURL: 'c', path: 'y' },
  ]
  const many = (revisions: readonly string[]): Application =>
    v.parse(application, {
      metadata: { name: 'web', uid: 'u' },
      spec: { sources },
      status: { sync: { status: 'Synced', revisions }, health: { status: 'Healthy' }, reconciledAt: time(5) },
    })
  const result = (revisions: readonly string[], asked: Wish['revisions']): Next => {
    const whole = { ...wish, revisions: asked }
    const happened: Happening[] = [
      [0, { kind: 'seen', app: many(revisions) }],
      refreshing(0),
      [1, { kind: 'refreshed', app: many(revisions) }],
      [2, { kind: 'related', pair: { position: 2, live: old, wanted }, relation: 'behind' }],
      [12, { kind: 'seen', app: many(revisions) }],
      refreshing(12),
      [13, { kind: 'refreshed', app: many(revisions) }],
    ]
    return decide(trackOf(happened, whole), whole, 13_000)
  }

  test('each has its own revision', () => {
    expect(result([wanted, '', newer], [wanted, undefined, newer])).toMatchObject({ do: 'end', result: 'unchanged' })
  })
  test('one that is behind is enough to wait', () => {
    expect(result([wanted, '', old], [wanted, undefined, wanted])).toMatchObject({ do: 'wait' })
  })
  test('one that only lends values has none', () => {
    expect(result([wanted, '', newer], [wanted, wanted, newer])).toMatchObject({ do: 'end', result: 'unchanged' })
  })
  test('but if that is all that was asked for nothing is proven', () => {
    expect(result([wanted, '', newer], [undefined, wanted, undefined])).toMatchObject({ do: 'wait' })
  })
})
