import * as v from 'valibot'
import type { HarborAnswer } from './answer.ts'
import type { Harbor, HarborCall } from './client.ts'
import { harborStrange } from './errors.ts'

const perPage = 100
const mostPages = 1000

/** A list to its end, by pages up to `X-Total-Count`; the `Link` header would never end for some sizes of page. */
export async function allPages<S extends v.GenericSchema>(harbor: Harbor, call: HarborCall, item: S): Promise<readonly v.InferOutput<S>[]> {
  const items: v.InferOutput<S>[] = []
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await harbor.send({ ...call, query: { ...call.query, page: String(page), page_size: String(perPage) } })
    const some = harbor.parse(answer, v.nullish(v.array(item), [])) ?? []
    items.push(...some)
    if (some.length === 0 || isLast(answer, { read: items.length, onPage: some.length })) return items
  }
  throw harborStrange(`Harbor at ${harbor.origin} has more than ${mostPages * perPage} items to ${call.doing}.`)
}

function isLast(answer: HarborAnswer, { read, onPage }: { read: number; onPage: number }): boolean {
  const total = Number(answer.header('x-total-count') ?? Number.NaN)
  return Number.isNaN(total) ? onPage < perPage : read >= total
}
