import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { variablesReadIn } from '../../../../test/fakes/variables.ts'
import { childEnvironment } from '../../../io/process-environment.ts'
import { registryEnvironment } from './environment.ts'

const declared: readonly string[] = registryEnvironment

describe('the environment that a login looks at', () => {
  it('is declared, each variable once, and nothing else is', () => {
    expect([...declared].sort()).toEqual(variablesReadIn(import.meta.dirname, join(import.meta.dirname, '../../cloud')))
  })

  it.each(declared.filter((name) => /TOKEN$|SECRET|PASSWORD|_KEY|HEADER|AUTH_CONFIG/.test(name)))(
    'keeps %s from programs that are only tools',
    (name) => {
      expect(childEnvironment({ [name]: 'secret', PATH: '/bin' }, 'tool', {})).toEqual({ PATH: '/bin' })
    },
  )
})
