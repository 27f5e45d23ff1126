import { resolve } from 'node:path'
import { kebab } from '../base/names.ts'
import { pathOutside } from '../io/errors.ts'
import { exists, resolveInside } from '../io/files.ts'
import { readInputs } from '../spec/inputs.ts'
import { workKey } from '../spec/key.ts'
import { mergeOwn } from '../spec/record/merge.ts'
import { formatRecord, parseRecord, type ReleaseRecord } from '../spec/record/record.ts'
import { fingerprint } from './fingerprint.ts'
import type { DoneLine } from './journal.ts'
import type { Step } from './step.ts'
import type { TaskEnd } from './task-run.ts'

/** What need not be done again: the ends of the first tasks, their lines in the journal, the record that they left. */
export interface Kept {
  readonly ends: readonly TaskEnd[]
  readonly done: readonly DoneLine[]
  readonly record: ReleaseRecord
  /** Why nothing is kept. */
  readonly why?: string
}

export interface Earlier {
  readonly done: readonly DoneLine[]
  /** The record without what the steps write. */
  readonly record: ReleaseRecord
  /** Absolute. */
  readonly workspace: string
  readonly pipelineFile: string | undefined
}

/**
 * The first tasks, as long as each has the key of the one that was done in its place and works on nothing but the workspace. None
 * when a file there has changed since the last one was done.
 */
export async function unchangedSteps(steps: readonly Step[], earlier: Earlier): Promise<Kept> {
  const last = earlier.done.at(-1)
  let kept: Kept = { ends: [], done: [], record: earlier.record }
  if (last === undefined) return { ...kept, why: 'no task of an earlier run is done' }
  if (last.fingerprint !== (await fingerprint(earlier.workspace, earlier.pipelineFile))) {
    return { ...kept, why: 'a file of the workspace has changed since' }
  }
  for (const [place, step] of steps.entries()) {
    const line = earlier.done[place]
    if (line === undefined || line.task !== step.task.definition.name || line.key !== keyOf(step, kept.record)) break
    const gone = await goneFile(step, line, earlier.workspace)
    if (gone !== undefined) return kept.ends.length > 0 ? kept : { ...kept, why: `${gone} is gone` }
    const beyond = await pathBeyond(step, kept.record, earlier.workspace)
    if (beyond !== undefined) return kept.ends.length > 0 ? kept : { ...kept, why: `${beyond} is outside of the workspace` }
    const record = restored(kept.record, line)
    kept = { ends: [...kept.ends, unchanged(step, line, record)], done: [...kept.done, line], record }
  }
  return kept.ends.length > 0 ? kept : { ...kept, why: 'the first task has other inputs now' }
}

/** A file or folder that a task made, and that somebody has removed since: what it left under .slipway is in no fingerprint. */
async function goneFile({ task: { definition } }: Step, { outputs }: DoneLine, workspace: string): Promise<string | undefined> {
  for (const [name, { kind }] of Object.entries(definition.outputs)) {
    const path = kind === 'path' ? outputs[kebab(name)] : undefined
    if (path !== undefined && path !== '' && !(await exists(resolve(workspace, path)))) return path
  }
  return undefined
}

/** A path that a task is given and that leads out of the workspace, also by a link: what changes there is in no fingerprint. */
async function pathBeyond({ task: { definition }, inputs }: Step, record: ReleaseRecord, workspace: string): Promise<string | undefined> {
  const values = readInputs(definition, inputs, record)
  for (const [name, { kind }] of Object.entries(definition.inputs)) {
    const path = kind.name === 'path' ? values[name] : undefined
    if (typeof path === 'string' && (await isOutside(workspace, path))) return path
  }
  return undefined
}

async function isOutside(workspace: string, path: string): Promise<boolean> {
  try {
    await resolveInside(workspace, path)
    return false
  } catch (error) {
    if (pathOutside.is(error)) return true
    throw error
  }
}

/** The key of a step's work. @throws what is wrong with its inputs */
export function keyOf({ task: { definition }, inputs }: Step, record: ReleaseRecord): DoneLine['key'] {
  return workKey(definition, readInputs(definition, inputs, record), record)
}

/** What a task that is done wrote, for the journal. */
export function writtenBy({ task: { definition } }: Step, record: ReleaseRecord): Pick<DoneLine, 'sections' | 'own'> {
  const sections = Object.fromEntries(definition.writes.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])))
  const own = record.own[definition.name]
  return { sections, ...(own === undefined ? {} : { own: { ...own } }) }
}

function restored(record: ReleaseRecord, line: DoneLine): ReleaseRecord {
  const merged = { ...record, ...line.sections }
  const whole = line.own === undefined ? merged : mergeOwn(merged, line.task, line.own)
  return parseRecord(formatRecord(whole), 'the record kept in .slipway/journal.jsonl')
}

function unchanged(step: Step, { outputs, headline }: DoneLine, record: ReleaseRecord): TaskEnd {
  return { step, status: 'unchanged', duration: 0, outcome: { outputs: new Map(Object.entries(outputs)), record, headline, summary: [] } }
}
