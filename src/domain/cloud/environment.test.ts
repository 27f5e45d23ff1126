import { describe, expect, it } from '@jest/globals'
import { variablesReadIn } from '../../../test/fakes/variables.ts'
import { childEnvironment } from '../../io/process-environment.ts'
import { cloudEnvironment, setting } from './environment.ts'

const declared: readonly string[] = cloudEnvironment

describe('the environment that the identity of a run in a cloud is made of', () => {
  it('is declared, each variable once, and nothing else is', () => {
    expect([...declared].sort()).toEqual(variablesReadIn(import.meta.dirname))
  })

  it.each(declared.filter((name) => /TOKEN$|SECRET|_KEY|HEADER/.test(name)))('keeps %s from programs that are only tools', (name) => {
    expect(childEnvironment({ [name]: 'secret', PATH: '/bin' }, 'tool', {})).toEqual({ PATH: '/bin' })
  })

  it.each([
    [undefined, undefined],
    ['', undefined],
    [' \n', undefined],
    [' value\n', 'value'],
  ])('takes %j for %j', (given, taken) => expect(setting({ X: given }, 'X')).toBe(taken))
})
