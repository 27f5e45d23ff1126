/**
 * Works on the items of a source, so many at once, and gives the results in the source's order. After a failure, or when
 * nobody wants more, nothing is begun any more and what is underway is waited for.
 */
export async function* inOrder<T, R>(source: AsyncIterable<T>, atOnce: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]()
  const underway: Promise<R>[] = []
  const begin = async (): Promise<boolean> => {
    const next = await items.next()
    if (next.done === true) return false
    const result = work(next.value)
    // Told when its turn comes; until then it is no unhandled rejection.
    result.catch(() => undefined)
    underway.push(result)
    return true
  }
  try {
    for (let isOpen = true; isOpen || underway.length > 0; ) {
      while (isOpen && underway.length < atOnce) isOpen = await begin()
      const first = underway.shift()
      if (first !== undefined) yield await first
    }
  } finally {
    await Promise.allSettled(underway)
    await items.return?.()
  }
}
