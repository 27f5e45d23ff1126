import type { HttpResponse } from '../../spec/ports.ts'
import { registryRefused } from './errors.ts'
import type { Repository } from './registry.ts'
import type { RegistryRequest } from './session.ts'
import { unreachable } from './unreachable.ts'

/** One answer of a list that comes in several. */
export interface Page {
  readonly response: HttpResponse
  readonly bytes: Buffer
}

const most = 1000

/** Follows `Link: <…>; rel="next"` to the end (RFC 8288; distribution-spec §Listing Tags, §Listing Referrers), at the registry's own origin only. */
export async function* pagesOf(repository: Repository, request: Omit<RegistryRequest, 'method'>): AsyncGenerator<Page> {
  const seen = new Set<string>()
  let next: string | undefined = request.url
  while (next !== undefined) {
    if (seen.has(next) || seen.size >= most)
      throw registryRefused(`${repository.registry} gives a list without end to ${request.doing} ${repository.name}.`)
    seen.add(next)
    const response: HttpResponse = await repository.send({ ...request, method: 'GET', url: next })
    yield { response, bytes: await bytesOf(response, `Could not ${request.doing} ${repository.name}`) }
    next = nextOf(response)
    if (next !== undefined && !(await repository.isOurs(next)))
      throw registryRefused(`${repository.registry} continues a list at another server, ${URL.parse(next)?.origin ?? 'which is no URL'}.`)
  }
}

async function bytesOf(response: HttpResponse, what: string): Promise<Buffer> {
  try {
    return await response.bytes(8 * 2 ** 20)
  } catch (cause) {
    throw unreachable(cause, what)
  }
}

function nextOf(response: HttpResponse): string | undefined {
  for (const header of response.headers('link')) {
    for (const [, target, parameters] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
      if (target !== undefined && /;\s*rel\s*=\s*"?next"?\b/i.test(parameters ?? '')) return URL.parse(target, response.url)?.href ?? target
    }
  }
  return undefined
}
