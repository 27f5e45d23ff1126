import { kebab } from '../base/names.ts'
import type { Section } from '../spec/record/record.ts'
import { pipelineOrder } from './errors.ts'
import type { Step } from './step.ts'

/** Refuses a task that reads what only a later one writes, but for one that is to come later. @throws SW-PIPELINE-ORDER */
export function checkOrder(steps: readonly Step[]): void {
  const wrong = steps.flatMap(({ task: { definition } }, place) =>
    definition.reads.flatMap((section) => {
      const writes = (step: Step): boolean => step.task.definition.writes.includes(section)
      const later = steps.slice(place + 1).find((step) => writes(step) && !isBehind(step, definition.writes))
      if (later === undefined || steps.slice(0, place).some(writes)) return []
      return [{ reader: definition.name, section, writer: later.task.definition.name }]
    }),
  )
  const [first] = wrong
  if (first === undefined) return
  const lines = wrong.map(
    ({ reader, section, writer }) => `${reader} reads \`${section}\`, which ${writer} writes, but ${writer} comes later.`,
  )
  throw pipelineOrder([...new Set(lines)].join('\n'), { hint: `put \`${first.writer}\` before \`${first.reader}\`` })
}

/** Whether a step is to come behind what writes one of the sections, by the values that it is given. */
export function isBehind({ task: { definition }, inputs }: Step, sections: readonly Section[]): boolean {
  return (definition.behind ?? []).some(({ input, has, section }) => {
    const given = [inputs.get(kebab(input)) ?? ''].flat().flatMap((value) => value.split(/[\s,]+/))
    return sections.includes(section) && given.includes(has)
  })
}
