/** Adds a value to those that a key has; a list that grows by copying takes a hostile document the square of its length. */
export function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
