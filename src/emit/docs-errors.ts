import type { ErrorKind, Fault } from '../base/errors.ts'
import { type EmittedFile, notice } from './file.ts'
import { bullets } from './markdown.ts'

const whoMustAct: Readonly<Record<Fault, string>> = {
  input: 'whoever gave the inputs',
  environment: 'whoever runs the machine or holds the credentials',
  tool: 'whoever looks after the program that failed',
  remote: 'whoever runs the service',
  policy: 'whoever owns the change or the rule (Slipway worked, and its answer is no)',
}

/** Every error with its causes and its fix, `docs/errors.md`. */
export function docsErrors(kinds: readonly ErrorKind[], source: string): readonly EmittedFile[] {
  const sorted = distinct(kinds).toSorted((one, other) => (one.code < other.code ? -1 : 1))
  const head = [
    `<!-- ${notice(source)} -->\n`,
    '# Errors\n',
    '`slipway explain CODE` prints the same without a network. Exit codes: 0 ok, 1 a mistake of ours, 2 input, 3 policy or tests, ' +
      '4 credential or environment, 5 conflict, 6 transient and safe to run again; 130 and 143 after a signal (0 of `slipway registry`, which serves until then).\n',
  ]
  return [{ path: 'docs/errors.md', content: [...head, ...sorted.map(entry)].join('\n') }]
}

function entry(kind: ErrorKind): string {
  return [
    `## ${kind.code}\n`,
    `${kind.title}\n`,
    bullets(kind.causes),
    `**Fix:** ${kind.fix}\n`,
    `Who must act: ${exitOf(kind) === 1 ? 'we, the makers of Slipway' : whoMustAct[kind.fault]}. Exit code ${exitCodes(kind)}.\n`,
  ].join('\n')
}

function exitOf(kind: ErrorKind): number {
  return kind('').exit
}

function exitCodes(kind: ErrorKind): string {
  const exit = exitOf(kind)
  return kind.transient === true && kind.exit === undefined ? `${exit}, or 6 where the same may succeed later` : String(exit)
}

/** @throws when two different errors share a code */
function distinct(kinds: readonly ErrorKind[]): readonly ErrorKind[] {
  const byCode = new Map<string, ErrorKind>()
  for (const kind of kinds) {
    const known = byCode.get(kind.code)
    if (known !== undefined && known !== kind)
      throw new Error(`two errors have the code ${kind.code}: "${known.title}" and "${kind.title}"`)
    byCode.set(kind.code, kind)
  }
  return [...byCode.values()]
}
