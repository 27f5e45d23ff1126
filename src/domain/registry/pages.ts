import type { Asked } from './exchange.ts'
import { Refusal } from './refusal.ts'

/** Names of one page, and the `Link` header when more follow (distribution-spec §Listing Tags). */
export interface Page {
  readonly names: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

/** The page that `n` and `last` ask for, of names in byte order; never more than `most`. */
export function pageOf(names: readonly string[], { path, query }: Asked, most: number): Page {
  const asked = query.get('n')
  if (asked !== null && !/^\d{1,9}$/.test(asked)) throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'n is not a number')
  const size = Math.min(asked === null ? most : Number(asked), most)
  const last = query.get('last')
  const rest = last === null ? names : names.filter((name) => name > last)
  const page = rest.slice(0, size)
  const end = page.at(-1)
  if (end === undefined || page.length === rest.length) return { names: page, headers: {} }
  const next = new URLSearchParams(query)
  next.set('n', String(size))
  next.set('last', end)
  return { names: page, headers: { link: `<${path}?${next}>; rel="next"` } }
}
