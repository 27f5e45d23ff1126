import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { resourceTree } from './inspect-schema.ts'
import { treeChanges } from './tree.ts'

const node = (kind: string, name: string, health?: string, more: object = {}) => ({
  kind,
  name,
  uid: `${kind}-${name}`,
  ...(health === undefined ? {} : { health: { status: health } }),
  ...more,
})
const ownedBy = (uid: string) => ({ parentRefs: [{ uid }] })
const tree = (...nodes: object[]) => v.parse(resourceTree, { nodes })
const told = (changes: ReturnType<typeof treeChanges>['changes']) =>
  changes.map(({ resource, before, after, message }) => [resource, before, after, message].join('|'))

const starting = tree(
  node('Pod', 'web-1', 'Progressing', ownedBy('ReplicaSet-web')),
  node('ReplicaSet', 'web', 'Progressing', ownedBy('Deployment-web')),
  node('ConfigMap', 'settings'),
  node('EndpointSlice', 'web', 'Healthy'),
  node('Deployment', 'web', 'Progressing', { health: { status: 'Progressing', message: '0 of 1 updated' } }),
)

describe('the changes of a tree', () => {
  it('begin with all that has a health, owners first', () => {
    expect(told(treeChanges(starting).changes)).toEqual([
      'Deployment web||Progressing|0 of 1 updated',
      'ReplicaSet web||Progressing|',
      'Pod web-1||Progressing|',
    ])
  })

  it('are those since the last look', () => {
    const { memory } = treeChanges(starting)
    const later = tree(
      node('Deployment', 'web', 'Healthy'),
      node('Pod', 'web-2', 'Healthy'),
      node('ReplicaSet', 'web', 'Progressing', ownedBy('Deployment-web')),
      node('ConfigMap', 'settings'),
    )
    expect(told(treeChanges(later, memory).changes)).toEqual([
      'Deployment web|Progressing|Healthy|',
      'Pod web-2||Healthy|',
      'Pod web-1|Progressing|gone|',
    ])
    expect(treeChanges(later, treeChanges(later).memory).changes).toEqual([])
  })

  it('tell what is made again under its name', () => {
    const { memory } = treeChanges(tree(node('Job', 'migrate', 'Healthy', { uid: '1' })))
    expect(told(treeChanges(tree(node('Job', 'migrate', 'Progressing', { uid: '2' })), memory).changes)).toEqual([
      'Job migrate||Progressing|',
      'Job migrate|Healthy|gone|',
    ])
  })

  it('do not call gone what was missing and is made', () => {
    const { memory } = treeChanges(tree(node('ConfigMap', 'settings', 'Missing', { uid: '' }), node('Pod', 'web', 'Missing', { uid: '' })))
    const made = tree(node('ConfigMap', 'settings'), node('Pod', 'web', 'Healthy'))
    expect(told(treeChanges(made, memory).changes)).toEqual(['Pod web||Healthy|'])
  })

  it('are told of owners that own each other, and of what has no uid yet', () => {
    const odd = tree(
      node('A', 'a', 'Healthy', { uid: '1', ...ownedBy('2') }),
      node('B', 'b', 'Healthy', { uid: '2', ...ownedBy('1') }),
      node('Service', 'new', 'Missing', { uid: '' }),
    )
    expect(told(treeChanges(odd).changes)).toContain('Service new||Missing|')
  })
})
