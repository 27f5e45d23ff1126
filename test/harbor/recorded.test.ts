/** What a real Harbor 2.15.2 answered, asked of the fake again. */
import { expect, it } from '@jest/globals'
import { readScenarios } from './recording.ts'
import { type Walked, walk } from './walk.ts'

const scenarios = readScenarios()
const walked: { readonly name: string; readonly answers: readonly Walked[] }[] = []

it.each(scenarios)('walks $name', async (scenario) => {
  const answers = await walk(scenario)
  walked.push({ name: scenario.name, answers })
  expect(answers).toHaveLength(scenario.exchanges.length)
})

it('answers as Harbor did', () => {
  const all = walked.flatMap(({ answers }) => answers)
  const same = all.filter(({ problems }) => problems.length === 0)
  expect(same.length / all.length).toBeGreaterThan(0.87)
})
