import { describe, expect, test } from '@jest/globals'
import { variablesReadIn } from '../../../../test/fakes/variables.ts'
import { childEnvironment } from '../../../io/process-environment.ts'
import { kmsEnvironment } from './environment.ts'

describe('the environment that key services are reached by', () => {
  test('is declared, each variable once, and nothing else is', () => {
    const read = variablesReadIn(import.meta.dirname).filter((name) => /^(?:VAULT|TRANSIT|AWS)_/.test(name))
    expect([...kmsEnvironment].sort()).toEqual(read)
  })

  test('is kept from programs that are only tools', () => {
    expect(childEnvironment({ VAULT_TOKEN: 'hvs.secret', PATH: '/bin' }, 'tool', {})).toEqual({ PATH: '/bin' })
  })
})
