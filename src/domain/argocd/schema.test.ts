import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { application, applicationList, argoTime } from './schema.ts'

const hash = 'a'.repeat(40)
const other = 'b'.repeat(40)
const read = (spec: object, rest: object = {}) => v.parse(application, { metadata: { name: 'web' }, spec, ...rest })

describe('times', () => {
  it.each([
    ['seconds', '2026-11-22T06:15:11Z', Date.UTC(2026, 10, 22, 6, 15, 11)],
    ['with a fraction', '2026-11-22T06:15:11.280099Z', Date.UTC(2026, 10, 22, 6, 15, 11, 280)],
    ['null', null, undefined],
    ['nothing', undefined, undefined],
    ['the year 1', '0001-01-01T00:00:00Z', undefined],
    ['no time', 'soon', undefined],
  ])('in %s', (_, written, time) => {
    expect(v.parse(argoTime, written)).toBe(time)
  })
})

describe('an application', () => {
  const nothing = {
    ...{ project: 'default', deletedAt: undefined, isRefreshing: false, sources: [], isMultiSource: false, isHydrated: false },
    ...{ autoSync: undefined, syncOptions: [], operation: undefined, sync: { status: '', revisions: [] }, reconciledAt: undefined },
    ...{ health: { status: '', message: '', since: undefined }, operationState: undefined },
    ...{ resources: [], conditions: [], history: [], images: [], externalUrls: [] },
  }
  it.each([
    ['absent', {}],
    [
      'null',
      { metadata: { name: 'web', labels: null, annotations: null, deletionTimestamp: null }, spec: null, operation: null, status: null },
    ],
    [
      'zero',
      {
        spec: { project: '', source: { repoURL: '' }, sources: [] },
        status: { sync: { status: '', revision: '' }, health: {}, summary: {}, sourceHydrator: {}, resources: null },
      },
    ],
  ])('has nothing where it says %s', (_, written) => {
    expect(v.parse(application, { metadata: { name: 'web' }, ...written })).toMatchObject(nothing)
  })

  it.each([
    ['none', {}, undefined],
    ['an empty object', { automated: {} }, { prune: false, selfHeal: false }],
    ['prune and self-heal', { automated: { prune: true, selfHeal: true, enabled: true } }, { prune: true, selfHeal: true }],
    ['one that is turned off', { automated: { enabled: false, prune: true } }, undefined],
  ])('syncs by itself with a policy of %s', (_, syncPolicy, autoSync) => {
    expect(read({ syncPolicy }).autoSync).toEqual(autoSync)
  })

  it('has one source, or many in their order', () => {
    const one = { repoURL: 'https://git/a', path: 'app', targetRevision: 'main' }
    expect(read({ source: one }).sources).toMatchObject([{ repository: 'https://git/a', path: 'app', targetRevision: 'main', ref: '' }])
    const many = read({
      source: one,
      sources: [
        { repoURL: 'https://git/b', ref: 'values' },
        { repoURL: 'https://charts', chart: 'web' },
      ],
    })
    expect([many.isMultiSource, many.sources.map(({ repository, ref, chart }) => [repository, ref, chart])]).toEqual([
      true,
      [
        ['https://git/b', 'values', ''],
        ['https://charts', '', 'web'],
      ],
    ])
  })

  it.each([
    ['one', { revision: hash }, [hash]],
    ['many', { revision: '', revisions: [hash, other] }, [hash, other]],
    ['none yet', { revision: '' }, []],
    ['a branch, where git cannot be read', { revision: 'main' }, ['main']],
  ])('is compared with revisions: %s', (_, sync, revisions) => {
    expect(read({}, { status: { sync } }).sync.revisions).toEqual(revisions)
  })

  it('has the operation that was asked for apart from the one that ran', () => {
    const info = [{ name: 'slipway.run', value: '7' }]
    const ran = {
      phase: 'Running',
      retryCount: 2,
      startedAt: '2026-11-22T06:15:10Z',
      finishedAt: '2026-11-22T06:15:11Z',
      operation: { sync: { revision: other }, info: null, retry: {} },
    }
    const seen = read(
      {},
      {
        operation: { sync: { revision: hash, dryRun: true, resources: [{ kind: 'Service' }] }, initiatedBy: { automated: true }, info },
        status: { operationState: ran },
      },
    )
    expect(seen.operation).toEqual({
      revisions: [hash],
      isDryRun: true,
      prunes: false,
      isPartial: true,
      by: '',
      isAutomated: true,
      info,
      retryLimit: 0,
    })
    expect(seen.operationState).toMatchObject({
      phase: 'Running',
      retryCount: 2,
      revisions: [],
      resources: [],
      operation: { revisions: [other], info: [] },
    })
  })

  it('is being refreshed as long as the annotation is there', () => {
    const metadata = { name: 'web', annotations: { 'argocd.argoproj.io/refresh': 'normal' } }
    expect(v.parse(application, { metadata }).isRefreshing).toBe(true)
  })

  it('has a health of each resource that Argo CD knows one of', () => {
    const resources = [
      { kind: 'ConfigMap', name: 'a', status: 'Synced' },
      {
        group: 'apps',
        kind: 'Deployment',
        name: 'b',
        status: 'OutOfSync',
        health: { status: 'Degraded', message: 'late' },
        requiresPruning: true,
      },
    ]
    expect(read({}, { status: { resources } }).resources).toMatchObject([
      { kind: 'ConfigMap', sync: 'Synced', health: '', message: '', requiresPruning: false, group: '' },
      { kind: 'Deployment', sync: 'OutOfSync', health: 'Degraded', message: 'late', requiresPruning: true },
    ])
  })

  it('without a name is none', () => {
    expect(v.safeParse(application, { metadata: {} }).success).toBe(false)
  })
})

it.each([[{ items: null }], [{}], [{ items: [], metadata: { resourceVersion: '1' } }]])('a list of none: %j', (list) => {
  expect(v.parse(applicationList, list)).toEqual([])
})
