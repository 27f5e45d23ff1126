/** Does all of it, so many at a time, in order; returns the promise of each. */
export function pool<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): ReadonlyMap<T, Promise<R>> {
  const waiting: (() => Promise<unknown>)[] = []
  const all = new Map(items.map((item) => [item, new Promise<R>((resolve) => waiting.push(() => began(resolve, work(item))))]))
  const turn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next()
  }
  // Whoever asks for it is told of a failure, and nobody else.
  for (const one of all.values()) one.catch(() => undefined)
  for (let place = 0; place < most; place++) void turn()
  return all
}

async function began<R>(resolve: (value: Promise<R>) => void, work: Promise<R>): Promise<void> {
  resolve(work)
  await work.catch(() => undefined)
}
