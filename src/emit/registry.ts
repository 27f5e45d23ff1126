import { camel } from '../base/names.ts'
import { type EmittedFile, notice } from './file.ts'

/** `src/tasks/registry.ts`, from the names of the task folders: definitions at hand, code loaded when a task runs. */
export function registry(names: readonly string[]): readonly EmittedFile[] {
  const sorted = names.toSorted()
  const imports = sorted.map((name) => `import { task as ${camel(name)} } from './${name}/task.ts'\n`)
  const entries = sorted.map((name) => `  { definition: ${camel(name)}, load: () => import('./${name}/run.ts').then(({ run }) => run) },\n`)
  const content = [
    `// ${notice('the folders of src/tasks')}\n`,
    "import type { Task } from '../spec/execute.ts'\n",
    ...imports,
    '\n/** Every task, in the order of their names. */\n',
    'export const tasks: readonly Task[] = [\n',
    ...entries,
    ']\n',
  ].join('')
  return [{ path: 'src/tasks/registry.ts', content }]
}
