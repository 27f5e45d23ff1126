/**
 * Works on all items, so many at a time, in their order. After the first failure none is begun any more; it is thrown when those
 * underway have ended, so that nothing goes on behind the caller's back.
 */
export async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse()
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined && failures.length === 0; item = waiting.pop()) {
      await work(item).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
}

/** What two works give that go on at once. A failure is thrown when both have ended, that of the first before that of the other. */
export async function both<A, B>(one: Promise<A>, other: Promise<B> | B): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return [await one, await other]
}
