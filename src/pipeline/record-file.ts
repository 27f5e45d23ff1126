import { join } from 'node:path'
import { ensureFolder, exists, readText, writeAtomic } from '../io/files.ts'
import { emptyRecord, formatRecord, parseRecord, type ReleaseRecord } from '../spec/record/record.ts'
import type { Step } from './step.ts'

const byteLimit = 16 * 1024 * 1024

/** Where the record is, relative to the workspace. */
export const recordPath = '.slipway/record.json'

/** The record in a state folder; an empty one where there is none. @throws SW-RECORD-BROKEN, SW-RECORD-VERSION */
export async function readRecord(state: string): Promise<ReleaseRecord> {
  const path = join(state, 'record.json')
  return (await exists(path)) ? parseRecord(await readText(path, byteLimit), recordPath) : emptyRecord
}

/** Replaces the record at once. */
export async function writeRecord(state: string, record: ReleaseRecord): Promise<void> {
  await ensureState(state)
  await writeAtomic(join(state, 'record.json'), formatRecord(record), { mode: 0o644 })
}

/** Makes the state folder, which keeps itself out of the user's repository. */
export async function ensureState(state: string): Promise<void> {
  await ensureFolder(state)
  const ignore = join(state, '.gitignore')
  if (!(await exists(ignore))) await writeAtomic(ignore, '*\n', { mode: 0o644 })
}

/** What is left of a record when its tasks run afresh: the sections of others. */
export function withoutSteps(record: ReleaseRecord, steps: readonly Step[]): ReleaseRecord {
  const definitions = steps.map(({ task }) => task.definition)
  const gone = new Set<string>(definitions.flatMap(({ writes }) => writes))
  const names = new Set(definitions.map(({ name }) => name))
  const own = Object.fromEntries(Object.entries(record.own).filter(([name]) => !names.has(name)))
  const kept = Object.fromEntries(Object.entries(record).filter(([name]) => !gone.has(name)))
  return { ...emptyRecord, ...kept, own }
}
