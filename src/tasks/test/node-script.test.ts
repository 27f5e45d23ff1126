import { expect, test } from '@jest/globals'
import { toolOf, wholeScript } from './node-script.ts'

test.each([
  ['jest', 'jest'],
  ['jest --config jest.config.js', 'jest'],
  ['NODE_ENV=test npx jest', 'jest'],
  ['node --experimental-vm-modules node_modules/jest/bin/jest.js', 'jest'],
  ['tsc -p . && jest', 'jest'],
  ['vitest', 'vitest'],
  ['vitest run --coverage', 'vitest'],
  ['c8 --reporter=lcov mocha -r ts-node/register', 'mocha'],
  ["mocha '*.test.js'", 'mocha'],
  ['ava', 'ava'],
  ['tap test/*.js', 'tap'],
])('%j takes arguments for %s', (script, tool) => {
  expect(toolOf(script)).toBe(tool)
})

test.each([
  'node --test',
  'jest && eslint .',
  'jest unit && jest integration',
  'npm run jest:all',
  'node --test --test-reporter tap',
  'eslint --config jest',
  'jest | tee log',
  '',
])('%j takes none', (script) => {
  expect(toolOf(script)).toBeUndefined()
})

test('a script is looked at with all that it runs by name, once', () => {
  const scripts = {
    pretest: 'node prepare.js',
    test: 'npm run test:unit && yarn test:more && pnpm run -s again',
    'test:unit': 'node --test --test-reporter=dot',
    'test:more': 'npm test',
    again: 'vitest',
    other: 'unrelated',
  }
  const whole = wholeScript('test', scripts)
  for (const part of ['prepare.js', '--test-reporter=dot', 'vitest']) expect(whole).toContain(part)
  expect(whole).not.toContain('unrelated')
})
