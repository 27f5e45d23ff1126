import type { Asked } from '../exchange.ts'

/** `repository:team/app:pull,push` in its parts. */
export interface Scope {
  readonly resource: string
  readonly actions: readonly string[]
}

export function parseScope(text: string): Scope {
  const colon = text.lastIndexOf(':')
  return {
    resource: text.slice(0, Math.max(0, colon)),
    actions: text
      .slice(colon + 1)
      .split(',')
      .filter(Boolean),
  }
}

export function formatScope({ resource, actions }: Scope): string {
  return `${resource}:${actions.join(',')}`
}

/** What a request needs, as distribution asks for it: reads pull, writes pull and push, deletes delete, a mount also pull of its source. */
export function neededScopes({ method, path, query }: Asked): readonly Scope[] {
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(path)?.[1]
  if (name === undefined) return []
  const actions = method === 'GET' || method === 'HEAD' ? ['pull'] : method === 'DELETE' ? ['delete'] : ['pull', 'push']
  const from = query.get('from')
  return [{ resource: `repository:${name}`, actions }, ...(from === null ? [] : [{ resource: `repository:${from}`, actions: ['pull'] }])]
}

/** Whether all that is needed was granted. */
export function covers(granted: readonly Scope[], needed: readonly Scope[]): boolean {
  const actionsOn = (resource: string): readonly string[] =>
    granted.filter((scope) => scope.resource === resource).flatMap(({ actions }) => actions)
  return needed.every(({ resource, actions }) => actions.every((action) => actionsOn(resource).includes(action)))
}
