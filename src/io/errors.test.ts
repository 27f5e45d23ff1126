import { expect, test } from '@jest/globals'
import * as errors from './errors.ts'

const kinds = Object.entries(errors)

test('codes are unique', () => {
  expect(new Set(kinds.map(([, { code }]) => code)).size).toBe(kinds.length)
})

test.each(kinds)('%s is told in sentences, with causes and a fix', (_, { code, title, causes, fix }) => {
  expect(code).toMatch(/^SW(?:-[A-Z0-9]+){2,4}$/)
  for (const sentence of [title, fix, ...causes]) expect(sentence).toMatch(/^[A-Z`].*\.$/)
  expect(causes.length).toBeGreaterThan(0)
})
