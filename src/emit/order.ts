import type { Definition } from '../spec/define.ts'

/** The tasks of a road such that each comes after those that write what it reads; in the given order wherever that leaves a choice. */
export function inOrder(road: readonly Definition[]): readonly Definition[] {
  const left = [...road]
  const ordered: Definition[] = []
  while (left.length > 0) {
    const ready = left.findIndex((task) => left.every((other) => other === task || !needs(task, other)))
    if (ready === -1) throw new Error(`${left.map(({ name }) => name).join(' and ')} each read what the other writes`)
    ordered.push(...left.splice(ready, 1))
  }
  return ordered
}

function needs(task: Definition, other: Definition): boolean {
  return other.writes.some((section) => task.reads.includes(section))
}
