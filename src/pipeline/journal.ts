import { join } from 'node:path'
import * as v from 'valibot'
import { isDigest } from '../base/digest.ts'
import { appendLine, exists, readText, writeAtomic } from '../io/files.ts'
import { journalBroken } from './errors.ts'
import { ensureState } from './record-file.ts'

const version = '1.0'
const byteLimit = 64 * 1024 * 1024
const digest = v.pipe(v.string(), v.guard(isDigest))
const value = v.union([v.string(), v.array(v.string())])

/** How a run was asked for, so that `resume` asks for the same. Secrets are never in it, only the names of their variables. */
const runLine = v.object({
  schemaVersion: v.literal(version),
  kind: v.literal('run'),
  file: v.optional(v.string()),
  sign: v.optional(v.boolean()),
  given: v.array(v.object({ task: v.string(), input: v.string(), value: v.union([value, v.object({ env: v.string() })]) })),
})

/** A task that is done: the key of its work, what it wrote, and the workspace as it left it. */
const doneLine = v.object({
  kind: v.literal('done'),
  task: v.string(),
  key: digest,
  fingerprint: digest,
  headline: v.optional(v.string()),
  outputs: v.record(v.string(), v.string()),
  /** Sections of the record, checked when the record is made of them. */
  sections: v.record(v.string(), v.unknown()),
  own: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
})

export type RunLine = v.InferOutput<typeof runLine>
export type DoneLine = v.InferOutput<typeof doneLine>

export interface Journal {
  readonly run: RunLine
  readonly done: readonly DoneLine[]
}

/** Begins a journal in a state folder, in place of the one of the run before; `done` is what is kept of it. */
export async function beginJournal(state: string, { run, done }: Journal): Promise<void> {
  await ensureState(state)
  await writeAtomic(pathOf(state), [run, ...done].map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** Adds a task that is done; it is on the disk when the promise resolves. */
export async function recordDone(state: string, line: DoneLine): Promise<void> {
  await appendLine(pathOf(state), JSON.stringify(line))
}

/**
 * The journal of the last run; undefined where there is none. A last line that was torn by a crash is dropped.
 * @throws SW-JOURNAL-BROKEN
 */
export async function readJournal(state: string): Promise<Journal | undefined> {
  const path = pathOf(state)
  if (!(await exists(path))) return undefined
  const lines = (await readText(path, byteLimit)).split('\n')
  // Without a final line feed the last line is torn; with one the last piece is empty.
  const [first, ...more] = lines.slice(0, -1)
  const run = parseLine(runLine, first ?? '', 1)
  return { run, done: more.map((line, place) => parseLine(doneLine, line, place + 2)) }
}

function parseLine<S extends v.GenericSchema>(schema: S, line: string, number: number): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJson(line))
  if (result.success) return result.output
  const issue = result.issues[0]
  throw journalBroken(
    `.slipway/journal.jsonl, line ${number}: ${v.getDotPath(issue) ?? 'the line'} is ${issue.received}, expected ${issue.expected}.`,
    {
      hint: 'slipway run',
    },
  )
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}

function pathOf(state: string): string {
  return join(state, 'journal.jsonl')
}
