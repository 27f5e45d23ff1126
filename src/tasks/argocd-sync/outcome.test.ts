import { describe, expect, test } from '@jest/globals'
import * as v from 'valibot'
import type { Followed } from '../../domain/argocd/follow.ts'
import { newTrack } from '../../domain/argocd/observe.ts'
import { application } from '../../domain/argocd/schema.ts'
import { errorOf, liveOf, worstHealth, worstOf } from './outcome.ts'

const [tip, ours] = ['a'.repeat(40), 'b'.repeat(40)]

interface Given extends Partial<Pick<Followed, 'proof' | 'why'>> {
  readonly sync?: string
  readonly health?: string
  readonly starts?: number
}

function ended(result: Followed['result'], given: Given = {}): Followed {
  const { why = '', sync = 'Synced', health = 'Healthy', starts = 0, proof } = given
  const status = { sync: { status: sync, revision: tip }, health: { status: health }, operationState: { syncResult: { revision: ours } } }
  const app = v.parse(application, { metadata: { name: 'web' }, status })
  return { id: { name: 'web' }, result, why, app, proof, track: { ...newTrack(0), starts }, cause: undefined }
}

describe('of several applications', () => {
  test('what is wrong goes before what is not known, and both before success', () => {
    const results = ['unchanged', 'deployed', 'superseded', 'timeout', 'unreachable', 'degraded', 'sync-failed'] as const
    for (const [index, result] of results.entries())
      expect(worstOf(results.slice(0, index + 1).map((one) => ended(one))).result).toBe(result)
  })
  test('the worst health is told', () => {
    expect(worstHealth([ended('deployed'), ended('degraded', { health: 'Degraded' })])).toBe('Degraded')
    expect(worstHealth([ended('deployed'), ended('timeout', { health: '' })])).toBe('Unknown')
  })
})

describe('what is live', () => {
  test.each<[string, Followed, readonly string[]]>([
    ['what was compared', ended('deployed', { proof: 'compared' }), [tip]],
    ['what an operation has brought, though the branch looks the same', ended('deployed', { proof: 'operation' }), [ours]],
    ['nothing where nothing proves it', ended('superseded', { why: 'newer', sync: 'OutOfSync' }), []],
    ['nothing after a failure', ended('sync-failed'), []],
  ])('%s', (_, one, revisions) => {
    expect(liveOf(one)).toEqual(revisions)
  })
})

describe('the error', () => {
  test.each([ended('deployed'), ended('unchanged'), ended('superseded')])('is none for $result', (one) => {
    expect(errorOf(one, { doing: undefined, others: 0 })).toBeUndefined()
  })
  test.each([
    ['superseded', { why: 'somebody was faster' }, 'SW-ARGOCD-SUPERSEDED', 5],
    ['sync-failed', {}, 'SW-ARGOCD-SYNC-FAILED', 3],
    ['degraded', {}, 'SW-ARGOCD-DEGRADED', 3],
    ['blocked-window', {}, 'SW-ARGOCD-WINDOW', 3],
    ['prune-required', {}, 'SW-ARGOCD-PRUNE', 3],
    ['timeout', {}, 'SW-ARGOCD-TIMEOUT', 6],
    ['unreachable', {}, 'SW-ARGOCD-UNREACHABLE', 6],
    ['not-found-or-forbidden', {}, 'SW-ARGOCD-NOT-FOUND', 2],
  ] as const)('of %s has its own code and exit', (result, more, code, exit) => {
    expect(errorOf(ended(result, more), { doing: 'waiting', others: 0 })).toMatchObject({ code, exit })
  })
  test('of a timeout says what was waited for, and how many more there are', () => {
    const error = errorOf(ended('timeout', { why: 'it stands still' }), { doing: 'waiting for git', others: 2 })
    expect(error?.message).toContain('waiting for git; it stands still; 2 more applications are not as wanted.')
  })
  test('says that nothing was changed only where nothing was', () => {
    expect(errorOf(ended('superseded', { why: 'x' }), { doing: '', others: 0 })?.safe).toBe('nothing was changed')
    expect(errorOf(ended('superseded', { why: 'x', starts: 1 }), { doing: '', others: 0 })?.safe).toBeUndefined()
  })
})
