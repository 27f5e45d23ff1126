/** What every task keeps on every host. A task is whatever has a folder under src/tasks. */
import { globSync } from 'node:fs'
import { describe, expect, it, test } from '@jest/globals'
import { load } from 'js-yaml'
import { camel, kebab } from '../../src/base/names.ts'
import { allErrors } from '../../src/cli/errors-catalogue.ts'
import { modeFlags } from '../../src/cli/modes.ts'
import { resultBudget } from '../../src/emit/budget.ts'
import { root } from '../../src/pipeline/root.ts'
import type { Definition } from '../../src/spec/define.ts'
import { kernelErrors } from '../../src/spec/errors.ts'
import type { Input } from '../../src/spec/kind.ts'
import { tasks } from '../../src/tasks/registry.ts'
import { actionViolations } from '../checkers/action-yml.ts'
import { restrictedViolations } from '../checkers/pod-security.ts'
import { admissionViolations } from '../checkers/tekton-admission.ts'
import { pipelineFitViolations } from '../checkers/tekton-pipeline.ts'
import type { ParamSpec, Pipeline, StepAction, Task } from '../checkers/tekton-shapes.ts'
import { examples } from './examples.ts'
import { folders, repository, text } from './folders.ts'

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, unknown>>
}

const inputsOf = ({ inputs }: Definition): readonly (readonly [name: string, input: Input])[] => Object.entries(inputs)
const isSecret = ([, { kind }]: readonly [string, Input]): boolean => kind.name === 'secret'
/** A list of images has the name that Tekton Chains looks for. */
const resultNames = ({ outputs, hosts }: Definition): string[] => {
  const known = (name: string): string => (name === hosts?.tekton?.scanOutput ? 'SCAN_OUTPUT' : kebab(name))
  return Object.entries(outputs).map(([name, { kind }]) => (kind === 'images' ? 'IMAGES' : known(name)))
}
const publicNames = (values: object): readonly string[] => Object.keys(values).map(kebab)

test('the registry holds the folders on disk, no more and no less', () => {
  expect(tasks.map(({ definition }) => definition.name)).toEqual(folders.map(({ name }) => name))
  expect(tasks.every(({ definition }, place) => definition === folders[place]?.definition)).toBe(true)
})

test('the errors that any task may meet are documented', () => {
  expect(kernelErrors.filter(({ code }) => !text('docs/errors.md').includes(`\n## ${code}\n`))).toEqual([])
})

test('`slipway explain` knows the errors that are documented, and no others', () => {
  const documented = [...text('docs/errors.md').matchAll(/^## (SW-\S+)$/gm)].map(([, code]) => code)
  expect(allErrors.map(({ code }) => code)).toEqual(documented)
})

describe.each(globSync('tekton/pipelines/*.yaml', { cwd: repository }).toSorted())('%s', (path) => {
  it('is one that Tekton takes, and fits the Tasks that it names', () => {
    const pipeline = load(text(path)) as Pipeline
    const installed = tasks.map(({ definition: { name } }) => load(text(`tekton/tasks/${name}.yaml`)) as Task)
    expect(admissionViolations(pipeline)).toEqual([])
    expect(pipelineFitViolations(pipeline, installed)).toEqual([])
  })
})

describe('the root action', () => {
  const action = load(text('action.yml')) as Action

  it('is one that the runner takes, with the inputs and outputs of its definition', () => {
    expect(actionViolations(action)).toEqual([])
    expect(Object.keys(action.inputs)).toEqual(publicNames(root.inputs))
    expect(Object.keys(action.outputs)).toEqual(publicNames(root.outputs))
  })
})

describe.each(folders)('$name', ({ name, definition, run, doc }) => {
  const inputs = inputsOf(definition)
  const action = load(text(`actions/${name}/action.yml`)) as Action
  const task = load(text(`tekton/tasks/${name}.yaml`)) as Task
  const user = definition.hosts?.tekton?.userStep
  const ofUserStep: readonly string[] = user === undefined ? [] : [user.command, user.exitCode, user.judgeOnly, ...(user.omit ?? [])]
  const stepAction = load(text(`tekton/stepactions/${name}.yaml`)) as StepAction

  it('has a folder of its name, a function to run, and public names that lead back to those in code', () => {
    expect(definition.name).toBe(name)
    expect(run).toEqual(expect.any(Function))
    const names = [...Object.keys(definition.inputs), ...Object.keys(definition.outputs)]
    expect(names.map((one) => camel(kebab(one)))).toEqual(names)
  })

  it('describes itself, every input and every output in whole sentences', () => {
    const summaries = [definition, ...inputs.map(([, { options }]) => options), ...Object.values(definition.outputs)].map(
      ({ summary }) => summary,
    )
    expect(summaries.filter((summary) => !/^\S.*[.?!)]$/.test(summary))).toEqual([])
  })

  it('reads the sections that its inputs come from', () => {
    const sections = inputs.flatMap(([, { options }]) => options.from?.split('.')[0] ?? [])
    expect(sections.filter((section) => !definition.reads.some((read) => read === section))).toEqual([])
  })

  it('has defaults that their kinds read back', () => {
    for (const [, { kind, options }] of inputs) {
      if (options.default !== undefined) expect(kind.parse(kind.format(options.default))).toEqual(options.default)
    }
  })

  describe('on GitHub', () => {
    it('is an action that the runner takes', () => {
      expect(actionViolations(action)).toEqual([])
    })

    it('has the same inputs and outputs, each with what it expects', () => {
      expect(Object.keys(action.inputs)).toEqual(publicNames(definition.inputs))
      expect(Object.keys(action.outputs)).toEqual(publicNames(definition.outputs))
      const silent = inputs.filter(([input, { kind }]) => !action.inputs[kebab(input)]?.description.includes(kind.expected))
      expect(silent).toEqual([])
    })

    it('gives defaults that the kinds read as in code', () => {
      for (const [input, { kind, options }] of inputs) {
        const given = action.inputs[kebab(input)]?.default
        expect(given === undefined ? undefined : kind.parse(given)).toEqual(options.default)
      }
    })
  })

  describe('on Tekton', () => {
    it('is a Task and a StepAction that Tekton admits, restricted', () => {
      expect([task, stepAction].flatMap(admissionViolations)).toEqual([])
      expect(restrictedViolations(task)).toEqual([])
    })

    it('asks for processor and memory in each step', () => {
      const requests = task.spec.steps.map(({ computeResources }) => Object.keys(computeResources?.requests ?? {}))
      expect(requests).toEqual(task.spec.steps.map(() => ['cpu', 'memory']))
    })

    it('has a command, never a script, and an image by tag and digest', () => {
      const ours = [task.spec.steps.at(-1), stepAction.spec]
      expect(ours.map((step) => [step?.command?.at(-1), step?.script])).toEqual(
        ours.map(() => [`/opt/slipway/dist/${name}/index.js`, undefined]),
      )
      expect(ours.map((step) => step?.image)).toEqual(ours.map(() => expect.stringMatching(/^[^@]+:[^@:]+@sha256:[0-9a-f]{64}$/)))
    })

    it.each([
      ['Task', task.spec, ofUserStep],
      ['StepAction', stepAction.spec, []],
    ] as const)('has the same inputs as parameters of the %s', (_, spec, without: readonly string[]) => {
      const params = (spec.params ?? []).map((param: ParamSpec) => param.name)
      const expected = inputs
        .filter(([input]) => !without.includes(input))
        .flatMap((input) => (isSecret(input) ? [`${kebab(input[0])}-secret`, `${kebab(input[0])}-key`] : [kebab(input[0])]))
      expect(params).toEqual(expect.arrayContaining(expected))
      expect((spec.results ?? []).map((result) => result.name)).toEqual(expect.arrayContaining(resultNames(definition)))
    })

    it('gives defaults that the kinds read as in code, and nothing where there is none', () => {
      const params = new Map(task.spec.params?.map((param) => [param.name, param.default]))
      const own = inputs.filter(([input]) => !ofUserStep.includes(input))
      for (const [input, { kind, options }] of own) {
        const given = params.get(kebab(input)) as string | string[] | undefined
        if (options.default === undefined) expect(given ?? '').toHaveLength(0)
        else expect(kind.parse(given ?? 'no default')).toEqual(options.default)
      }
    })

    it('fits its results into what Tekton carries, or says that it may not', () => {
      const { needed, available } = resultBudget(definition)
      expect(text(`docs/tasks/${name}.md`)).toContain(
        needed <= available ? `at most ${needed} of ${available} bytes` : `take up to ${needed} bytes`,
      )
    })
  })

  it('has no default for a secret anywhere', () => {
    const secrets = inputs.filter(isSecret).map(([input]) => kebab(input))
    expect(secrets.filter((secret) => action.inputs[secret]?.default !== undefined)).toEqual([])
    const params = [...(task.spec.params ?? []), ...(stepAction.spec.params ?? [])].map((param) => param.name)
    expect(secrets.filter((secret) => params.includes(secret))).toEqual([])
  })

  // A runner hands over every default, as if somebody had given it.
  it('has no rule that a default of its own could break', () => {
    const asking = (definition.rules ?? []).flatMap((rule) => ('requires' in rule ? rule.requires.slice(0, 1) : Object.values(rule).flat()))
    const values = inputs.filter(([input]) => asking.includes(input)).map(([input, { options }]) => [input, options.default ?? []] as const)
    const given = values.filter(([, value]) => typeof value !== 'object' || Object.keys(Object(value)).length > 0)
    expect(given.filter(([input]) => action.inputs[kebab(input)]?.default !== undefined)).toEqual([])
  })

  it('lists errors that are documented, each once', () => {
    const codes = definition.errors.map(({ code }) => code)
    expect(codes.filter((code) => !/^SW(-[A-Z0-9]+){2,}$/.test(code) || !text('docs/errors.md').includes(`\n## ${code}\n`))).toEqual([])
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('shows an example for GitHub, for Tekton and for the command line, with inputs that exist', () => {
    const own = examples(doc).filter((example) => example.task === name)
    expect(own.map(({ host }) => host)).toEqual(expect.arrayContaining(['github', 'task', 'command']))
    const names = publicNames(definition.inputs)
    const secretFlags = inputs.filter(isSecret).map(([input]) => `${kebab(input)}-from-env`)
    const known = {
      github: names,
      pipeline: names,
      task: (task.spec.params ?? []).map((param) => param.name),
      'step-action': (stepAction.spec.params ?? []).map((param) => param.name),
      command: [...names, ...secretFlags, ...modeFlags.map((flag) => flag.name)],
    }
    expect(own.flatMap(({ host, inputs: used }) => used.filter((input) => !known[host].includes(input)))).toEqual([])
  })

  it('begins its page without a heading: the page has one', () => {
    expect(doc).not.toMatch(/^# /m)
  })
})
