import type { TreeNode } from './inspect-schema.ts'
import type { Application } from './schema.ts'

/** What is wrong with a resource, worst first. */
const states = ['SyncFailed', 'Degraded', 'Missing', 'Progressing', 'Suspended', 'Unknown', 'needs pruning', 'OutOfSync'] as const
export type FailingState = (typeof states)[number]

/** A resource that keeps an application from being what it should. */
export interface FailingResource {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly state: FailingState
  /** What Argo CD, or the resource, says. */
  readonly message: string
}

/**
 * The resources that fail, worst first, each once: those that the operation could not apply, those that are not healthy, those that git
 * has otherwise or not at all. Of what controllers made of them only what is degraded, since it tells more than its owner.
 */
export function failingResources(app: Application, tree: readonly TreeNode[]): readonly FailingResource[] {
  const found = [...fromOperation(app), ...fromHealth(app), ...fromTree(tree), ...fromSync(app)]
  const worst = found.toSorted((a, b) => rank(a) - rank(b))
  return [...Map.groupBy(worst, keyOf).values()].flatMap(([first]) => (first === undefined ? [] : [first]))
}

/** Names a resource among those of an application. */
export function keyOf({ group, kind, namespace, name }: Partial<Pick<FailingResource, 'group' | 'kind' | 'namespace' | 'name'>>): string {
  return [group, kind, namespace, name].map((part) => part ?? '').join('/')
}

function rank({ state }: FailingResource): number {
  return states.indexOf(state)
}

type Identity = Pick<Application['resources'][number], 'group' | 'kind' | 'namespace' | 'name'>

function failing({ group, kind, namespace, name }: Identity, state: FailingState, message: string): FailingResource {
  return { group: group ?? '', kind: kind ?? '', namespace: namespace ?? '', name: name ?? '', state, message }
}

function fromOperation({ operationState }: Application): FailingResource[] {
  const results = operationState?.resources ?? []
  const isOver = operationState?.phase === 'Failed' || operationState?.phase === 'Error'
  return results.flatMap((one) => {
    const hookFailed = one.hookType !== '' && (one.hookPhase === 'Failed' || one.hookPhase === 'Error')
    const hangs = isOver && one.hookType !== '' && one.hookPhase === 'Running'
    return one.status === 'SyncFailed' || hookFailed || hangs ? [failing(one, 'SyncFailed', one.message ?? '')] : []
  })
}

function fromHealth({ resources }: Application): FailingResource[] {
  return resources.flatMap((one) => {
    const state = states.find((known) => known === one.health)
    return state === undefined ? [] : [failing(one, state, one.message ?? '')]
  })
}

function fromTree(tree: readonly TreeNode[]): FailingResource[] {
  return tree.flatMap((one) =>
    one.health === 'Degraded' ? [failing(one, 'Degraded', one.message || (one.info['Status Reason'] ?? ''))] : [],
  )
}

/** Without a comparison with git all that lives looks as if git had it no more. */
function fromSync({ resources, sync }: Application): FailingResource[] {
  if (sync.status !== 'OutOfSync') return []
  return resources.flatMap((one) => {
    if (one.requiresPruning === true) return [failing(one, 'needs pruning', 'git has it no more, and the sync does not prune')]
    return one.sync === 'OutOfSync' ? [failing(one, 'OutOfSync', 'differs from git')] : []
  })
}
