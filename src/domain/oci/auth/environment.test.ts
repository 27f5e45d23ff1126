import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { childEnvironment } from '../../../io/process-environment.ts'
import { registryEnvironment, setting } from './environment.ts'

const declared: readonly string[] = registryEnvironment
const sources = globSync('**/*.ts', { cwd: import.meta.dirname })
  .filter((path) => !path.endsWith('.test.ts') && path !== 'environment.ts')
  .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'))
const read = new Set(sources.flatMap((text) => [...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOME)'/g)].map(([, name]) => name ?? '')))

describe('the environment that a login looks at', () => {
  it('is declared, each variable once, and nothing else is', () => {
    expect([...declared].sort()).toEqual([...read].sort())
  })

  it.each(declared.filter((name) => /TOKEN$|SECRET|PASSWORD|_KEY|HEADER|AUTH_CONFIG/.test(name)))(
    'keeps %s from programs that are only tools',
    (name) => {
      expect(childEnvironment({ [name]: 'secret', PATH: '/bin' }, 'tool', {})).toEqual({ PATH: '/bin' })
    },
  )

  it.each([
    [undefined, undefined],
    ['', undefined],
    [' \n', undefined],
    [' value\n', 'value'],
  ])('takes %j for %j', (given, taken) => expect(setting({ X: given }, 'X')).toBe(taken))
})
