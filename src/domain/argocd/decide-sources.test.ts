import { describe, expect, test } from '@jest/globals'
import * as v from 'valibot'
import { type Happening, newer, old, refreshing, time, trackOf, wanted, wish } from './decide.fake.ts'
import { decide } from './decide.ts'
import type { Next } from './next.ts'
import { type Application, application } from './schema.ts'
import type { Wish } from './wish.ts'

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
