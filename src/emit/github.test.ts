import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { actionViolations } from '../../test/checkers/action-yml.ts'
import { type Definition, defineTask } from '../spec/define.ts'
import { list, secret, text } from '../spec/kinds.ts'
import { github, githubRoot } from './github.ts'

const base = { name: 'sample', summary: 'A sample.', reads: [], writes: [], outputs: {}, errors: [] } as const
const open = defineTask({ ...base, inputs: { tags: list({ default: [], summary: 'Tags.' }) } })
const withSecret = defineTask({ ...base, inputs: { key: secret({ optional: true, summary: 'A key.' }) } })

interface Action {
  readonly inputs: Readonly<Record<string, object>>
  readonly runs: { readonly main: string; readonly post?: string }
}
const actionOf = (task: Definition): Action => {
  const [file] = github(task, { source: 'task.ts', doc: '', version: '1.0.0', image: 'x' })
  return load(file?.content ?? '') as Action
}

describe('an action', () => {
  it('cleans up after itself only where there is a secret to remove', () => {
    expect(actionOf(open).runs).toEqual({ using: 'node24', main: '../../dist/sample/index.js' })
    expect(actionOf(withSecret).runs.post).toBe('../../dist/sample/index.js')
  })

  it('has a default only where it is always the same', () => {
    expect(actionOf(open).inputs['tags']).toMatchObject({ required: false, default: '[]' })
    expect(actionOf(withSecret).inputs['key']).not.toHaveProperty('default')
  })

  it('is taken by the runner whatever an author writes', () => {
    const written = fc.string({ minLength: 1, unit: 'binary' })
    fc.assert(
      fc.property(written, written, (summary, example) => {
        const task = defineTask({ ...base, summary, inputs: { anInput: text({ optional: true, summary, example }) } })
        expect(actionViolations(actionOf(task))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

describe('the root action', () => {
  it.each([
    [[open], undefined],
    [[open, withSecret], 'dist/slipway/index.js'],
  ])('cleans up when any task has a secret', (tasks, post) => {
    const [file] = githubRoot({ ...open, name: 'slipway' }, tasks, 'root.ts')
    expect(file?.path).toBe('action.yml')
    expect((load(file?.content ?? '') as Action).runs.post).toBe(post)
  })
})
