import { expect, it } from '@jest/globals'
import { wrongUses } from './uses.ts'

const yaml = (code: string): string => `\`\`\`yaml\n${code}\n\`\`\`\n`

it.each([
  ['an input of an action', yaml('- uses: slipway-ci/slipway/actions/push@v1\n  with: { imag: a }'), 'github: push has no imag'],
  ['an action', yaml('- uses: slipway-ci/slipway/actions/pish@v1'), 'github: there is no pish'],
  ['an input of the root action', yaml('- uses: slipway-ci/slipway@v1\n  with: { tsk: push }'), 'the root action has no tsk'],
  [
    'what the root action hands to a task',
    yaml('- uses: slipway-ci/slipway@v1\n  with:\n    with: |\n      push.imag=a'),
    'the root action has no push.imag=',
  ],
  ['an output', yaml('- { id: p, uses: slipway-ci/slipway/actions/push@v1 }\n- if: steps.p.outputs.digst'), 'push gives no digst'],
  ['a task of a pipeline file', yaml('tasks: [biuld]'), 'pipeline: there is no biuld'],
  ['a parameter of a Task', yaml('taskRef: { name: slipway-push }\nparams: [{ name: imag, value: a }]'), 'task: push has no imag'],
  ['a parameter of any Pipeline', yaml('params: [{ name: push-imag, value: a }]'), 'no Pipeline has push-imag'],
  [
    'a parameter of the Pipeline that is named',
    yaml('spec: { pipelineRef: { name: slipway-release }, params: [{ name: sign-key, value: a }] }'),
    'slipway-release has no sign-key',
  ],
  ['a Pipeline', yaml('spec: { pipelineRef: { name: slipway-voyage } }'), 'there is no Pipeline slipway-voyage'],
  ['a flag of a task', '```sh\nslipway push --imag a\n```\n', 'command: push has no imag'],
  ['a flag of a road, also in a sentence', 'Give `--push.imag`.', 'no flag --push.imag'],
])('finds %s that there is not', (_, markdown, wrong) => {
  expect(wrongUses(markdown)).toEqual([wrong])
})
