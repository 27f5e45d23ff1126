import { describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { admissionViolations } from './tekton-admission.ts'
import { pipelineFitViolations } from './tekton-pipeline.ts'
import { changed, pipelineSamples, pipelineYaml, stepActionSamples, stepActionYaml, taskSamples, taskYaml } from './tekton-samples.ts'
import type { Pipeline, Task } from './tekton-shapes.ts'

describe.each([
  ['Task', taskYaml, taskSamples],
  ['StepAction', stepActionYaml, stepActionSamples],
  ['Pipeline', pipelineYaml, pipelineSamples],
] as const)('%s', (_, yaml, samples) => {
  it('has nothing against a good one', () => {
    expect(admissionViolations(load(yaml))).toEqual([])
  })

  it.each(samples)('finds the fault after %s, where Tekton %s it', (change, _tekton, violation) => {
    expect(admissionViolations(changed(yaml, change)).join('\n')).toMatch(violation)
  })
})

it.each([[{ kind: 'TaskRun' }], ['text'], [null]])('has no verdict but a refusal for %j', (value) => {
  expect(admissionViolations(value)).toHaveLength(1)
})

describe('a Pipeline and its Tasks', () => {
  const task = load(taskYaml) as Task
  const faults = (change: string): string => pipelineFitViolations(changed(pipelineYaml, change) as Pipeline, [task]).join('\n')

  it('fit', () => {
    expect(pipelineFitViolations(load(pipelineYaml) as Pipeline, [task])).toEqual([])
  })

  it.each([
    ['spec.tasks.0.taskRef.name = other', /no Task other/],
    ['spec.tasks.0.params.0.name = txt', /no param txt/],
    ['spec.tasks.0.params.1.value = one', /param many is of another type/],
    ['spec.tasks.0.params.2.name = text', /param whole is required/],
    ['spec.tasks.0.workspaces = []', /workspace source is not bound/],
    ['spec.results.0.value = $(tasks.two.results.digst)', /is not a result of two/],
  ])('do not fit after %s', (change, violation) => {
    expect(faults(change)).toMatch(violation)
  })
})
