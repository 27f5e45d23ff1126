import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'

/** By task and public name, values of inputs that a road decides by itself. */
type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The tasks of a road such that each comes after those that write what it reads; in the given order wherever that leaves a choice. */
export function inOrder(road: readonly Definition[], decided: Values = {}): readonly Definition[] {
  const left = [...road]
  const ordered: Definition[] = []
  while (left.length > 0) {
    const ready = left.findIndex((task) => left.every((other) => other === task || !needs(task, other, decided)))
    if (ready === -1) throw new Error(`${left.map(({ name }) => name).join(' and ')} each read what the other writes`)
    ordered.push(...left.splice(ready, 1))
  }
  return ordered
}

function needs(task: Definition, other: Definition, decided: Values): boolean {
  if (isBehind(task, other, decided)) return true
  return !isBehind(other, task, decided) && other.writes.some((section) => task.reads.includes(section))
}

/** Whether the road has a task work on what another one has written, which then comes first whatever it would read of it. */
function isBehind({ name, behind = [] }: Definition, other: Definition, decided: Values): boolean {
  return behind.some(({ input, has, section }) => {
    const how = decided[name]?.[kebab(input)]
    return typeof how === 'object' && how !== null && 'value' in how && how.value === has && other.writes.includes(section)
  })
}
