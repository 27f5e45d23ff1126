/**
 * What a real Harbor 2.15.2 answered, asked of the fake again: the same status, headers and shape of body, words of errors included.
 * What is not covered is listed at the end of the run, and in `uncovered` below: an exchange more is a failure, one less as well.
 */
import { afterAll, expect, it } from '@jest/globals'
import { readScenarios } from './recording.ts'
import { rules } from './rules.ts'
import { uncovered } from './uncovered.ts'
import { walk } from './walk.ts'

const scenarios = readScenarios()
const differing = new Map<string, readonly string[]>()
let asked = 0

it.each(scenarios)('$name: $description', async (scenario) => {
  const walked = await walk(scenario)
  asked += walked.length
  for (const { exchange, problems } of walked) if (problems.length > 0) differing.set(`${scenario.name} ${exchange.n}`, problems)
  expect(walked).toHaveLength(scenario.exchanges.length)
  const own = [...differing.keys()].filter((key) => key.startsWith(`${scenario.name} `))
  const expected = Object.entries(uncovered).flatMap(([name, numbers]) =>
    name === scenario.name ? numbers.map((n) => `${name} ${n}`) : [],
  )
  expect(own.toSorted()).toEqual(expected.toSorted())
})

it('covers 95 of 100 exchanges', () => {
  expect(asked).toBe(scenarios.reduce((sum, { exchanges }) => sum + exchanges.length, 0))
  expect(1 - differing.size / asked).toBeGreaterThan(0.95)
})

it.each(Object.entries(rules))('covers every exchange of the rule: %s', (_, belongs) => {
  const own = scenarios.flatMap(({ name, exchanges }) => exchanges.filter((one) => belongs(name, one)).map(({ n }) => `${name} ${n}`))
  expect(own.length).toBeGreaterThan(0)
  expect(own.filter((key) => differing.has(key))).toEqual([])
})

afterAll(() => {
  const lines = [...differing].map(([key, [problem = '']]) => `${key}: ${problem.slice(0, 120)}`)
  process.stdout.write(
    `${asked - differing.size} of ${asked} recorded exchanges are answered as Harbor did; not these:\n${lines.join('\n')}\n`,
  )
})
