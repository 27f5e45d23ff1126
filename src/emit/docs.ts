import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { kernelErrors } from '../spec/errors.ts'
import { writers } from '../spec/record/record.ts'
import { describeRule } from '../spec/rules.ts'
import { tektonSection } from './docs-tekton.ts'
import { constantDefault, describeOutput, type InputField, inputFields, outputFields } from './fields.ts'
import { type EmitOptions, type EmittedFile, notice } from './file.ts'
import { bullets, code, section, table } from './markdown.ts'

interface Page {
  readonly path: string
  readonly title: string
  /** The folder `docs`, as seen from the page. */
  readonly docs: string
  /** Whether the page tells what only users of Tekton need. */
  readonly tekton: boolean
}

/** The page of a task for all hosts, `docs/tasks/<task>.md`. */
export function docs(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const path = `docs/tasks/${definition.name}.md`
  return [taskPage(definition, options, { path, title: definition.name, docs: '..', tekton: true })]
}

/** The list of all tasks, `docs/tasks/README.md`. */
export function docsIndex(tasks: readonly Definition[], source: string): readonly EmittedFile[] {
  const rows = tasks.map(({ name, summary, reads, writes }) => [`[${name}](${name}.md)`, summary, names(reads), names(writes)])
  const content = [
    comment(source),
    '# Tasks\n',
    'Each of them is a GitHub Action, a Tekton Task and StepAction, and a command of `slipway`. They hand one another the release record.\n',
    table(['task', 'does', 'reads', 'writes'], rows),
  ].join('\n')
  return [{ path: 'docs/tasks/README.md', content }]
}

/** What the author wrote, then everything that the definition knows. */
export function taskPage(definition: Definition, { source, doc }: EmitOptions, page: Page): EmittedFile {
  const parts = [
    comment(source),
    `# ${page.title}\n`,
    `${definition.summary}\n`,
    `${relinked(doc.trim(), page.docs)}\n`,
    section('## Inputs', table(['input', 'takes', 'when empty', 'what it is'], inputFields(definition).map(inputRow)), rules(definition)),
    section(
      '## Outputs',
      table(
        ['output', 'kind', 'what it is'],
        outputFields(definition).map((field) => [code(field.name), field.output.kind, describeOutput(definition, field)]),
      ),
    ),
    record(definition),
    section('## Permissions on GitHub', permissions(definition)),
    section('## Environment', environment(definition)),
    page.tekton ? tektonSection(definition) : '',
    errors(definition, page.docs),
  ]
  return { path: page.path, content: parts.filter((part) => part !== '').join('\n') }
}

/** The author's relative links are written as from docs/tasks. */
function relinked(doc: string, docsFolder: string): string {
  return doc.replace(/\]\((?![a-z]+:|#)(\.\.\/)?([^()\s]+)\)/g, (_, up: string | undefined, target: string) =>
    docsFolder === '..' ? `](${up ?? ''}${target})` : `](${docsFolder}/${up === undefined ? 'tasks/' : ''}${target})`,
  )
}

function comment(source: string): string {
  return `<!-- ${notice(source)} -->\n`
}

function names(list: readonly string[]): string {
  return list.map(code).join(', ')
}

function inputRow(field: InputField): readonly string[] {
  const { kind, options } = field.input
  return [
    code(field.name),
    kind.expected,
    whenEmpty(field),
    options.example === undefined ? options.summary : `${options.summary} For example ${code(options.example)}.`,
  ]
}

function whenEmpty(field: InputField): string {
  const { required, from } = field.input.options
  if (required === true) return '**required**'
  if (from !== undefined) return `${code(from)} of the record`
  const text = constantDefault(field)
  return text === undefined || text === '' ? '' : code(text)
}

function rules(definition: Definition): string {
  return bullets((definition.rules ?? []).map((rule) => `${describeRule(rule, kebab)}.`))
}

function record({ reads, writes }: Definition): string {
  const before = reads.map((name) => `Reads ${code(name)}, which ${code(writers[name])} writes.`)
  const after = writes.map((name) => `Writes ${code(name)}.`)
  return section('## Release record', bullets([...before, ...after]))
}

function permissions({ permissions: asked }: Definition): string {
  const rights = Object.entries(asked?.github ?? {}).map(([name, access]) => code(`${name}: ${access}`))
  return rights.length === 0 ? '' : `What it may ask of the job’s own token, by what it is to do:\n\n${bullets(rights)}`
}

function environment({ environment: variables = [] }: Definition): string {
  return variables.length === 0 ? '' : `Also looks at ${names(variables)}.\n`
}

function errors(definition: Definition, docsFolder: string): string {
  const own = definition.errors.map(({ code: name, title }) => [`[${name}](${docsFolder}/errors.md#${name.toLowerCase()})`, title])
  const everywhere = kernelErrors.map((kind) => `[${kind.code}](${docsFolder}/errors.md#${kind.code.toLowerCase()})`).join(', ')
  return section('## Errors', table(['code', 'meaning'], own), `Any task may also end with ${everywhere}.\n`)
}
