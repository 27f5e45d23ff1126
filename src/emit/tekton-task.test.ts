import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { admissionViolations } from '../../test/checkers/tekton-admission.ts'
import { texts } from '../../test/checkers/tekton-references.ts'
import type { StepAction, Task } from '../../test/checkers/tekton-shapes.ts'
import { type Definition, defineTask } from '../spec/define.ts'
import { boolean, image, integer, list, map, path, secret, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import { resultBudget } from './budget.ts'
import { tektonStepAction } from './tekton-stepaction.ts'
import { tektonTask } from './tekton-task.ts'

const base = { name: 'sample', summary: 'A sample.', reads: [], writes: [], outputs: {}, errors: [] } as const
const options = { source: 'task.ts', doc: '', version: '1.0.0', image: `registry.example/slipway:1@sha256:${'a'.repeat(64)}` }
const taskOf = (definition: Definition): Task => load(tektonTask(definition, options)[0]?.content ?? '') as Task
const stepActionOf = (definition: Definition): StepAction => load(tektonStepAction(definition, options)[0]?.content ?? '') as StepAction

const sample = defineTask({
  ...base,
  inputs: {
    password: secret({ optional: true, summary: 'A password.' }),
    imageRef: image({ required: true, summary: 'An image.' }),
    tags: list({ default: ['a', 'b'], summary: 'Tags.' }),
    labels: map({ optional: true, summary: 'Labels.' }),
    force: boolean({ default: false, summary: 'Force.' }),
  },
  outputs: { image: out.image({ summary: 'The image.' }) },
  environment: ['DOCKER_CONFIG'],
})
const judged = defineTask({
  ...base,
  inputs: {
    command: list({ default: [], summary: 'A program.' }),
    exitCode: text({ optional: true, summary: 'Its exit code.' }),
    judgeOnly: boolean({ default: false, summary: 'Whether it ran.' }),
  },
  hosts: { tekton: { userStep: { command: 'command', exitCode: 'exitCode', judgeOnly: 'judgeOnly' } } },
})

describe('the environment of a step', () => {
  it('sets the given values first, where they can draw in nothing, and secrets last, where nothing can draw them in', () => {
    const names = taskOf(sample).spec.steps[0]?.env?.map(({ name }) => name)
    expect(names).toEqual([
      'INPUT_IMAGE_REF',
      'INPUT_FORCE',
      'RESULT_IMAGE',
      'RESULT_IMAGE_URL',
      'RESULT_IMAGE_DIGEST',
      'SLIPWAY_HOST',
      'SLIPWAY_HOME',
      'DOCKER_CONFIG',
      'INPUT_PASSWORD',
    ])
  })

  it.each([taskOf(sample).spec.steps[0], stepActionOf(sample).spec])(
    'is the only way for a value, besides whole arguments and names of secrets',
    (step) => {
      const places = texts(step).filter(({ text: value }) => value.includes('$(params.'))
      const allowed = /^(?:env\.\d+\.value|args\.\d+|env\.\d+\.valueFrom\.secretKeyRef\.(?:name|key)|workingDir)$/
      expect(places.map(({ path }) => path).filter((path) => !allowed.test(path))).toEqual([])
    },
  )

  it('refuses two names that share a variable', () => {
    const task = defineTask({ ...base, inputs: {}, outputs: { image: out.image({ summary: '' }), imageUrl: out.url({ summary: '' }) } })
    expect(() => taskOf(task)).toThrow('the variable RESULT_IMAGE_URL is needed twice')
  })
})

describe('the results', () => {
  it('name what Tekton Chains looks for where the task has it: images, and the commit of the sources', () => {
    const checkout = defineTask({
      ...base,
      inputs: {},
      outputs: { place: out.text({ summary: 'A place.' }), commit: out.hash({ summary: 'A commit.' }) },
      hosts: { tekton: { chainsGit: { url: 'place', commit: 'commit' } } },
    })
    const names = [sample, checkout].map((task) => taskOf(task).spec.results?.map(({ name }) => name))
    expect(names).toEqual([
      ['image', 'IMAGE_URL', 'IMAGE_DIGEST'],
      ['place', 'commit', 'CHAINS-GIT_URL', 'CHAINS-GIT_COMMIT'],
    ])
    // Two texts of 1 KiB, two hashes, the names around them, and what Tekton adds.
    expect(resultBudget(checkout).needed).toBeGreaterThan(2 * 1024 + 2 * 64)
    expect(resultBudget(checkout).needed).toBeLessThan(2 * 1024 + 2 * 64 + 512)
  })
})

describe('the parameters', () => {
  const params = taskOf(sample).spec.params ?? []

  it('carry where a secret is, never what it is', () => {
    expect(params.filter(({ name }) => name.startsWith('password'))).toMatchObject([
      { name: 'password-secret', default: 'slipway-sample' },
      { name: 'password-key', default: 'password' },
    ])
  })

  it('have a default, "" or [] where nothing is given, unless the input is required', () => {
    const defaults = Object.fromEntries(params.map(({ name, default: value }) => [name, value]))
    expect(defaults).toMatchObject({ tags: ['a', 'b'], labels: [], force: 'false' })
    expect(defaults['image-ref']).toBeUndefined()
  })

  it('refuse a name that is needed twice', () => {
    const task = defineTask({
      ...base,
      inputs: { key: secret({ optional: true, summary: '' }), keySecret: text({ optional: true, summary: '' }) },
    })
    expect(() => taskOf(task)).toThrow('the parameter key-secret is needed twice')
  })
})

describe('lists', () => {
  it('follow a marker each, in the order of the inputs', () => {
    expect(taskOf(sample).spec.steps[0]?.args).toEqual(['--list=tags', '$(params.tags[*])', '--list=labels', '$(params.labels[*])'])
  })
})

describe('the user’s own program', () => {
  const [run, judge] = taskOf(judged).spec.steps

  it('runs first, in the user’s image, and may fail', () => {
    expect(run).toMatchObject({ name: 'run', image: '$(params.image)', command: ['$(params.command[*])'], onError: 'continue' })
  })

  it('is judged by its exit code', () => {
    expect(judge?.args).toBeUndefined()
    expect(judge?.env).toContainEqual({ name: 'INPUT_EXIT_CODE', value: '$(steps.step-run.exitCode.path)' })
    expect(judge?.env).toContainEqual({ name: 'INPUT_JUDGE_ONLY', value: 'true' })
  })

  it('must be named: an empty command would have the controller ask the registry', () => {
    expect(taskOf(judged).spec.params).toEqual([
      { name: 'image', type: 'string', description: expect.any(String) },
      { name: 'command', type: 'array', description: expect.any(String) },
    ])
  })

  it('starts in the folder that an input names, and leaves out what only matters where the program is run by us', () => {
    const { inputs } = judged
    const folder = { workingDirectory: path({ default: '.', summary: 'A folder.' }), retries: integer({ default: 0, summary: 'Again.' }) }
    const userStep = { command: 'command', exitCode: 'exitCode', judgeOnly: 'judgeOnly', workingDirectory: 'workingDirectory' } as const
    const { params, steps } = taskOf(
      defineTask({ ...base, inputs: { ...inputs, ...folder }, hosts: { tekton: { userStep: { ...userStep, omit: ['retries'] } } } }),
    ).spec
    expect(steps[0]?.workingDir).toBe('$(workspaces.source.path)/$(params.working-directory)')
    expect(steps[1]?.workingDir).toBe('$(workspaces.source.path)')
    expect(steps[1]?.env?.map(({ name }) => name)).toEqual(expect.not.arrayContaining(['INPUT_RETRIES']))
    expect(params?.map(({ name }) => name)).toEqual(['image', 'command', 'working-directory'])
  })
})

it('is admitted whatever an author writes', () => {
  const written = fc.string({ minLength: 1, unit: 'binary' })
  fc.assert(
    fc.property(written, written, (summary, value) => {
      const task = defineTask({
        ...base,
        summary,
        inputs: { anInput: text({ default: value, summary }), items: list({ default: [value], summary }) },
      })
      expect([taskOf(task), stepActionOf(task)].flatMap(admissionViolations)).toEqual([])
    }),
    { numRuns: 50 },
  )
})

it('gives one image at most', () => {
  const task = defineTask({ ...base, inputs: {}, outputs: { one: out.image({ summary: '' }), two: out.image({ summary: '' }) } })
  expect(() => taskOf(task)).toThrow('2 outputs are images')
})

describe('resultBudget', () => {
  it('is what the entrypoint writes when every result is as long as it may be', () => {
    const task = defineTask({ ...base, inputs: {}, outputs: { changed: out.boolean({ summary: '' }), note: out.text({ summary: '' }) } })
    const message = JSON.stringify([
      { key: 'changed', value: 'false', type: 1 },
      { key: 'note', value: 'x'.repeat(1024), type: 1 },
      { key: 'StartedAt', value: '2026-11-21T17:32:15.123+01:00', type: 3 },
      { key: 'ExitCode', value: '130', type: 3 },
    ])
    expect(resultBudget(task)).toEqual({ needed: message.length, available: 4096 })
  })

  it('is smaller where a second step shares the pod', () => {
    expect(resultBudget(judged).available).toBe(3072)
  })
})
