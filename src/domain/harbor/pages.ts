import * as v from 'valibot'
import type { HarborAnswer } from './answer.ts'
import type { Harbor, HarborCall } from './client.ts'
import { harborStrange } from './errors.ts'

const perPage = 100
const mostPages = 1000

/** A list to its end, by pages up to `X-Total-Count`; the `Link` header would never end for some sizes of page. */
export async function allPages<S extends v.GenericSchema>(harbor: Harbor, call: HarborCall, item: S): Promise<readonly v.InferOutput<S>[]> {
  const items = await fewPages(harbor, call, { item, most: mostPages })
  if (items !== undefined) return items
  throw harborStrange(`Harbor at ${harbor.origin} has more than ${mostPages * perPage} items to ${call.doing}.`)
}

/** The same; undefined, after the first page, where there are more pages than `most`. */
export async function fewPages<S extends v.GenericSchema>(
  harbor: Harbor,
  call: HarborCall,
  { item, most }: { readonly item: S; readonly most: number },
): Promise<readonly v.InferOutput<S>[] | undefined> {
  const items: v.InferOutput<S>[] = []
  for (let page = 1; page <= most; page += 1) {
    const answer = await harbor.send({ ...call, query: { ...call.query, page: String(page), page_size: String(perPage) } })
    const some = harbor.parse(answer, v.nullish(v.array(item), [])) ?? []
    items.push(...some)
    if (totalOf(answer) > most * perPage) return undefined
    if (some.length === 0 || isLast(answer, { read: items.length, onPage: some.length })) return items
  }
  return undefined
}

function isLast(answer: HarborAnswer, { read, onPage }: { read: number; onPage: number }): boolean {
  const total = totalOf(answer)
  return Number.isNaN(total) ? onPage < perPage : read >= total
}

function totalOf(answer: HarborAnswer): number {
  return Number(answer.header('x-total-count') ?? Number.NaN)
}
