import { expect, it } from '@jest/globals'
import { differencesOf } from './differences.ts'
import type { ManagedResource } from './inspect-schema.ts'

const resource = (name: string, live: object | undefined, target: object | undefined, predicted = target): ManagedResource => ({
  ...{ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'web', name },
  ...{ liveState: textOf(live), normalizedLiveState: textOf(live), targetState: textOf(target), predictedLiveState: textOf(predicted) },
})
const textOf = (value: object | undefined): string => (value === undefined ? '' : JSON.stringify(value))

it('tells what would be made, changed and deleted, and nothing of what is the same', () => {
  const all = [
    resource('new', undefined, { data: { a: '1' } }),
    resource('same', { data: { a: '1' } }, { data: { a: '1' } }),
    resource('other', { data: { a: '1', b: [1, 2] } }, { data: { a: '2', b: [1], c: 'x' } }),
    resource('gone', { data: {} }, undefined),
  ]
  expect(differencesOf(all)).toEqual([
    { resource: 'ConfigMap web/new', change: 'create', fields: [] },
    { resource: 'ConfigMap web/other', change: 'change', fields: ['data.a: "1" → "2"', 'data.b.1: 2 → none', 'data.c: none → "x"'] },
    { resource: 'ConfigMap web/gone', change: 'prune', fields: [] },
  ])
})

it('takes what Argo CD predicts, not what git says: a default of the cluster is no difference', () => {
  expect(differencesOf([resource('one', { a: 1, mode: 'x' }, { a: 1 }, { a: 1, mode: 'x' })])).toEqual([])
})

it('shows a long list of fields from its beginning', () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, index]))
  expect(differencesOf([resource('many', { a: 1 }, { a: 1, ...many })])[0]?.fields).toHaveLength(51)
})
