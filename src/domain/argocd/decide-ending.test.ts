import { describe, it } from '@jest/globals'
import {
  ended,
  expectNext,
  type Given,
  live,
  looked,
  newer,
  old,
  ourSync,
  type Row,
  refreshed,
  refreshing,
  related,
  running,
  seen,
  started,
  wanted,
} from './decide.fake.ts'

const givenUp: Given = {
  ...{ ...live, health: 'Degraded' },
  resources: [
    { kind: 'Deployment', name: 'web', health: { status: 'Degraded', message: 'Deployment "web" exceeded its progress deadline' } },
  ],
}
const out = (more: object = {}): object => ({ kind: 'ConfigMap', name: 'c', status: 'OutOfSync', ...more })

const leftBehind = ended('Succeeded', {
  nonce: 'n1',
  syncResult: {
    revision: wanted,
    resources: [{ kind: 'ConfigMap', namespace: 'd', name: 'c', status: 'PruneSkipped', message: 'ignored (requires pruning)' }],
  },
})

const rows: readonly Row[] = [
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

describe('the next step, once it is live or cannot be', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => expectNext(row))
})
