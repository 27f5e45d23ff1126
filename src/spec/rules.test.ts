import { expect, test } from '@jest/globals'
import { describeRule, holds, type Rule } from './rules.ts'

test.each<[Rule, string[], boolean]>([
  [{ exactlyOneOf: ['a', 'b'] }, ['a'], true],
  [{ exactlyOneOf: ['a', 'b'] }, [], false],
  [{ exactlyOneOf: ['a', 'b'] }, ['a', 'b'], false],
  [{ atMostOneOf: ['a', 'b'] }, [], true],
  [{ atMostOneOf: ['a', 'b'] }, ['a', 'b'], false],
  [{ requires: ['a', 'b', 'c'] }, ['b'], true],
  [{ requires: ['a', 'b', 'c'] }, ['a', 'b'], false],
  [{ requires: ['a', 'b', 'c'] }, ['a', 'b', 'c'], true],
  [{ conflicts: ['a', 'b'] }, ['a'], true],
  [{ conflicts: ['a', 'b'] }, ['a', 'b'], false],
])('%j with %j given: %j', (rule, given, expected) => expect(holds(rule, (name) => given.includes(name))).toBe(expected))

test.each<[Rule, string]>([
  [{ exactlyOneOf: ['a', 'b'] }, 'exactly one of `a`, `b` must be given'],
  [{ atMostOneOf: ['a', 'b'] }, 'at most one of `a`, `b` may be given'],
  [{ requires: ['a', 'b', 'c'] }, '`a` needs `b`, `c`'],
  [{ conflicts: ['a', 'b'] }, '`a` cannot be used with `b`'],
])('%j reads %s', (rule, expected) => expect(describeRule(rule, (name) => name)).toBe(expected))
