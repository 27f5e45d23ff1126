import { expect, it } from '@jest/globals'
import { examples } from './examples.ts'

const block = (language: string, code: string): string => `Text.\n\n\`\`\`${language}\n${code}\n\`\`\`\n`

it.each([
  [
    block('yaml', '- uses: slipway-ci/slipway/actions/push@v1\n  with: { image: a, tags-last: true }'),
    'github',
    'push',
    ['image', 'tags-last'],
  ],
  [block('yaml', 'jobs: { a: { steps: [{ uses: slipway-ci/slipway/actions/test@v1 }] } }'), 'github', 'test', []],
  [block('yaml', '- name: x\n  taskRef: { name: slipway-push }\n  params: [{ name: image, value: a }]'), 'task', 'push', ['image']],
  [block('yaml', '- ref: { name: slipway-test }\n  params: [{ name: collect-only, value: a }]'), 'step-action', 'test', ['collect-only']],
  [block('yaml', 'tasks:\n  - test\n'), 'pipeline', 'test', []],
  [block('yaml', 'tasks:\n  - push: { image: a }\n'), 'pipeline', 'push', ['image']],
  [block('sh', "$ slipway push --image 'a b' \\\n  --tags x"), 'command', 'push', ['image', 'tags']],
])('finds the use in %j', (markdown, host, task, inputs) => {
  expect(examples(markdown)).toEqual([{ host, task, inputs }])
})

it.each([['none'], [block('js', 'slipway push')], [block('yaml', 'uses: actions/checkout@v6')], [block('sh', 'skopeo inspect oci:x')]])(
  'finds no use in %j',
  (markdown) => {
    expect(examples(markdown)).toEqual([])
  },
)
