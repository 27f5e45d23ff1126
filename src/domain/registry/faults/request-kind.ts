import type { Asked } from '../exchange.ts'
import { Refusal } from '../refusal.ts'
import { type Route, routeOf } from '../route.ts'

/** What a request is for. `mount` is an `upload-post` that asks for a mount, with or without `from`. */
export const requestKinds = [
  'base',
  'catalog',
  'blob-head',
  'blob-get',
  'blob-delete',
  'upload-post',
  'mount',
  'upload-get',
  'upload-patch',
  'upload-put',
  'upload-delete',
  'manifest-head',
  'manifest-get',
  'manifest-put',
  'manifest-delete',
  'tags',
  'referrers',
  'token',
] as const
export type RequestKind = (typeof requestKinds)[number]

/** The kind of a request, or undefined for one that the API does not have. Token requests are known by the path of their service. */
export function requestKindOf({ method, path, query }: Pick<Asked, 'method' | 'path' | 'query'>): RequestKind | undefined {
  const kind = routeOrNothing(path)?.kind
  if (kind === undefined) return undefined
  if (kind === 'base' || kind === 'catalog' || kind === 'tags' || kind === 'referrers') return kind
  if (kind === 'uploads') return method === 'POST' ? (query.has('mount') ? 'mount' : 'upload-post') : undefined
  const wanted = `${kind}-${method.toLowerCase()}`
  return requestKinds.find((known) => known === wanted)
}

function routeOrNothing(path: string): Route | undefined {
  try {
    return routeOf(path)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
