import type { TreeNode } from './inspect-schema.ts'

/** What has changed in the tree of an application between two looks. All texts are untrusted. */
export interface TreeChange {
  /** `Deployment web`, `Pod web-5d9f-abc`. */
  readonly resource: string
  /** Empty before it was there, or where Argo CD knows no health of its kind. */
  readonly before: string
  /** `gone` where it is no more. */
  readonly after: string
  readonly message: string
}

/** What a look has seen, to be handed to the next. */
export type TreeMemory = ReadonlyMap<string, { readonly resource: string; readonly health: string; readonly message: string }>

/** Kinds that come and go unseen, whose health nobody asks for. */
const silent = new Set(['Endpoints', 'EndpointSlice', 'ControllerRevision', 'Event'])

/**
 * The changes since the last look, owners before what they own: what is there for the first time with a health, what has another health
 * or message, what is gone. Of kinds without health nothing is told.
 */
export function treeChanges(
  nodes: readonly TreeNode[],
  before: TreeMemory = new Map(),
): { readonly changes: readonly TreeChange[]; readonly memory: TreeMemory } {
  const shown = nodes.filter(({ kind }) => !silent.has(kind ?? ''))
  const depths = depthsOf(shown)
  const sorted = shown.toSorted((a, b) => (depths.get(keyOf(a)) ?? 0) - (depths.get(keyOf(b)) ?? 0))
  const memory = new Map(
    sorted.map((node) => [keyOf(node), { resource: `${node.kind} ${node.name}`, health: node.health, message: node.message ?? '' }]),
  )
  const changes = [...memory].flatMap(([key, now]) => changed(before.get(key), now))
  // What was missing has no uid until it is made: that is no end of it.
  const gone = [...before].filter(([key, { health }]) => !memory.has(key) && health !== '' && health !== 'Missing')
  return {
    memory,
    changes: [...changes, ...gone.map(([, { resource, health }]) => ({ resource, before: health, after: 'gone', message: '' }))],
  }
}

function changed(
  before: { readonly health: string; readonly message: string } | undefined,
  now: { readonly resource: string; readonly health: string; readonly message: string },
): TreeChange[] {
  if (now.health === '' || (before?.health === now.health && before.message === now.message)) return []
  return [{ resource: now.resource, before: before?.health ?? '', after: now.health, message: now.message }]
}

/** A resource that is made again under its name has another uid. */
function keyOf({ uid, kind, namespace, name }: TreeNode): string {
  return uid || `${kind}/${namespace}/${name}`
}

const deepest = 20

/** How far each is from what git has; a circle of owners, which Kubernetes does not forbid, ends. */
function depthsOf(nodes: readonly TreeNode[]): ReadonlyMap<string, number> {
  const byUid = new Map(nodes.flatMap((node) => (node.uid ? [[node.uid, node] as const] : [])))
  const depths = new Map<string, number>()
  for (const node of nodes) {
    let depth = 0
    for (let up: TreeNode | undefined = node; up !== undefined && depth < deepest; depth += 1) up = byUid.get(up.parents[0] ?? '')
    depths.set(keyOf(node), depth)
  }
  return depths
}
