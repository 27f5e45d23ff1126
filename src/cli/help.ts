import { kebab } from '../base/names.ts'
import { pad, widthOf, wrap } from '../report/width.ts'
import type { Definition } from '../spec/define.ts'
import type { Input } from '../spec/kind.ts'
import { describeRule } from '../spec/rules.ts'
import { modeFlags } from './modes.ts'
import { version } from './version.ts'

/** A term and its explanation. */
type Row = readonly [term: string, text: string]

const commandRows: readonly Row[] = [
  [
    'run [folder]',
    'Run slipway.yaml, or the default road: test, build, sbom, push. Inputs as --<task>.<input> value; another file with --file; with --sign what is pushed is signed and verified before its tags move.',
  ],
  [
    'run --as tekton <task>',
    'Run one Task with the parameters, environment, paths and result files that it has in a pod, on this machine.',
  ],
  ['resume [folder]', 'Go on after the last task that was done, as long as no file has changed since.'],
  ['<task>', 'Run one task. Inputs as --<input> value, or from the environment as INPUT_<INPUT>.'],
  ['registry', 'Serve an OCI registry from a folder, for trying things out; with --fault, --profile and --log to certify a client.'],
  ['keys generate, keys public', 'Make a key pair in the files of cosign, or print the public half of a key.'],
  ['conformance', 'Sign a file or verify a bundle as the conformance suite of Sigstore asks its clients.'],
  ['explain [code]', 'Say what an error means and what to do.'],
]

const notes = [
  'A list that is given once is split at commas; give it again and again for items as they are.',
  'An input can also come from the environment: `INPUT_` and its name in upper case, `-` as `_`.',
]

/** `slipway --help`, in at most so many columns. */
export function mainHelp(definitions: readonly Definition[], columns: number): string {
  return page([
    [`slipway ${version}: the road from a commit to a verified release`],
    ['usage  slipway <command> [flags]'],
    section('commands', commandRows, columns),
    section(
      'tasks',
      definitions.map(({ name, summary }): Row => [name, summary]),
      columns,
    ),
    section(
      'flags of every run',
      modeFlags.map(({ name, summary }): Row => [`--${name}`, summary]),
      columns,
    ),
    ['`slipway <task> --help` shows the inputs of a task.'],
  ])
}

/** `slipway <task> --help`, made of the definition. */
export function taskHelp(definition: Definition, columns: number): string {
  const { name, summary, inputs, outputs, rules = [], reads, writes } = definition
  const asFlags = Object.entries(inputs).map(([input, declared]): Row => [flagTerm(kebab(input), declared), flagText(declared)])
  const given = Object.entries(outputs).map(([output, declared]): Row => [kebab(output), declared.summary])
  return page([
    wrap(`slipway ${name}: ${summary}`, columns),
    usageLines(definition),
    section('inputs', asFlags, columns),
    section(
      'rules',
      rules.map((rule): Row => ['', describeRule(rule, kebab)]),
      columns,
    ),
    section('outputs', given, columns),
    section(
      'release record',
      [
        ['reads', reads.join(', ')],
        ['writes', writes.join(', ')],
      ].filter((row): row is [string, string] => row[1] !== ''),
      columns,
    ),
    section(
      'flags of every run',
      modeFlags.map((flag): Row => [`--${flag.name}`, flag.summary]),
      columns,
    ),
    notes.flatMap((note) => wrap(note, columns)),
  ])
}

/** `slipway run --help` */
export function runHelp(definitions: readonly Definition[], columns: number): string {
  return page([
    wrap('slipway run: the tasks of slipway.yaml, or the default road: test, build, sbom, push.', columns),
    ['usage    slipway run [folder] [--file slipway.yaml] [--sign] [--<task>.<input> value …]', 'usage    slipway resume [folder]'],
    section('commands', commandRows.slice(0, 3), columns),
    section(
      'inputs',
      definitions.map(
        ({ name, inputs }): Row => [
          name,
          Object.entries(inputs)
            .map(([input, declared]) => flagName(`${name}.${kebab(input)}`, declared))
            .join(' '),
        ],
      ),
      columns,
    ),
    section(
      'flags of every run',
      modeFlags.map((flag): Row => [`--${flag.name}`, flag.summary]),
      columns,
    ),
    ['example  slipway run --push.image registry.example.com/team/app --push.tags 1.4.0'],
  ])
}

/** Terms in a column of their own, or above their text where there is no room beside it. */
export function section(title: string, rows: readonly Row[], columns: number): string[] {
  if (rows.length === 0) return []
  const widest = Math.max(...rows.map(([term]) => widthOf(term)))
  const beside = Math.min(widest, Math.max(12, Math.floor(columns / 3)))
  return [title, ...rows.flatMap((row) => rowLines(row, beside, columns))]
}

function rowLines([term, text]: Row, beside: number, columns: number): string[] {
  const indent = term === '' ? '  ' : ' '.repeat(beside + 4)
  const lines = wrap(text, Math.max(20, columns - indent.length)).map((line) => indent + line)
  if (term === '') return lines
  if (widthOf(term) > beside) return [`  ${term}`, ...lines]
  const [first = '', ...more] = lines
  return [`  ${pad(term, beside)}  ${first.trimStart()}`, ...more]
}

function flagName(name: string, { kind }: Input): string {
  return kind.name === 'secret' ? `--${name}-from-env` : `--${name}`
}

function flagTerm(name: string, input: Input): string {
  const { name: kind } = input.kind
  return kind === 'boolean' ? `--${name}` : `${flagName(name, input)} <${kind === 'secret' ? 'variable' : kind}>`
}

function flagText({ kind, options }: Input): string {
  const notes = [
    ...(kind.name === 'enum' ? [kind.expected] : []),
    ...(options.required === true ? ['required'] : []),
    ...(options.from === undefined ? [] : [`default: \`${options.from}\` of the record`]),
    ...(options.default === undefined ? [] : [`default: ${shownDefault(kind.format(options.default))}`]),
  ]
  return notes.length === 0 ? options.summary : `${options.summary} (${notes.join('; ')})`
}

function shownDefault(text: string): string {
  return ['', '[]', '{}'].includes(text) ? 'none' : text
}

/** The usage, and as an example a command that can be pasted. */
function usageLines({ name, inputs }: Definition): string[] {
  const required = Object.entries(inputs).filter(([, { options }]) => options.required === true)
  const usage = required.map(([input, declared]) => ` ${flagTerm(kebab(input), declared)}`).join('')
  const example = required.map(([input, { options }]) => ` --${kebab(input)} ${options.example ?? '…'}`).join('')
  return [
    `usage    slipway ${name}${usage} [flags]`,
    ...(required.every(([, { options }]) => options.example !== undefined) ? [`example  slipway ${name}${example}`] : []),
  ]
}

function page(parts: readonly (readonly string[])[]): string {
  const shown = parts.filter((lines) => lines.length > 0)
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
