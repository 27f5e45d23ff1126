import type { Definition } from '../spec/define.ts'
import { taskPage } from './docs.ts'
import { constantDefault, describeInput, describeOutput, hasSecret, inputFields, outputFields } from './fields.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { type YamlMap, yamlFile } from './yaml.ts'

/** The action of a task, `uses: slipway-ci/slipway/actions/<task>@v1`, with its page. */
export function github(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const folder = `actions/${definition.name}`
  const entry = { main: `../../dist/${definition.name}/index.js`, cleanUp: hasSecret(definition) }
  return [
    yamlFile(`${folder}/action.yml`, options.source, action(`Slipway ${definition.name}`, definition, entry)),
    taskPage(definition, options, { path: `${folder}/README.md`, title: `Slipway ${definition.name}`, docs: '../../docs', tekton: false }),
  ]
}

/** The action at the root of the repository, which runs the tasks of a pipeline file; it cleans up after any of them. */
export function githubRoot(root: Definition, tasks: readonly Definition[], source: string): readonly EmittedFile[] {
  const entry = { main: `dist/${root.name}/index.js`, cleanUp: [root, ...tasks].some(hasSecret) }
  return [yamlFile('action.yml', source, action('Slipway', root, entry))]
}

function action(name: string, definition: Definition, { main, cleanUp }: { main: string; cleanUp: boolean }): YamlMap {
  const brand = definition.hosts?.github
  return {
    name,
    description: definition.summary,
    author: 'Slipway',
    branding: brand && { icon: brand.icon, color: brand.color },
    inputs: Object.fromEntries(
      inputFields(definition).map((field) => [
        field.name,
        {
          description: describeInput(field),
          required: field.input.options.required === true,
          default: constantDefault(field),
        },
      ]),
    ),
    outputs: Object.fromEntries(outputFields(definition).map((field) => [field.name, { description: describeOutput(definition, field) }])),
    // The same file cleans up: it knows by the saved state that it is the second run (actions/runner: post runs after a kill, too).
    runs: { using: 'node24', main, post: cleanUp ? main : undefined },
  }
}
