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

const failedBefore: Given = {
  ...{ auto: true, sync: 'OutOfSync', state: ended('Failed', { auto: true, revision: old, from: 1, to: 2 }) },
  conditions: [{ type: 'SyncError', message: `Failed last sync attempt to ${old}: no` }],
}

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
]

describe('the next step', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => expectNext(row))
})
