import { dirname, join } from 'node:path'
import { fileMissing } from '../io/errors.ts'
import { ensureFolder, exists, type FileKind, facts, list, readText, writeAtomic } from '../io/files.ts'
import { takeRunLock } from '../io/run-lock.ts'
import { emptyRecord, formatRecord, parseRecord, type ReleaseRecord } from '../spec/record/record.ts'
import { runActive, stateForeign } from './errors.ts'
import type { Step } from './step.ts'

const byteLimit = 16 * 1024 * 1024

/** Where the record is, relative to the workspace. */
export const recordPath = '.slipway/record.json'

/** The record in a state folder; an empty one where there is none. @throws SW-RECORD-BROKEN, SW-RECORD-VERSION, SW-STATE-FOLDER */
export async function readRecord(state: string): Promise<ReleaseRecord> {
  await refuseLinks(state)
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
  await refuseLinks(state)
  await ensureFolder(state)
  const ignore = join(state, '.gitignore')
  if (!(await exists(ignore))) await writeAtomic(ignore, '*\n', { mode: 0o644 })
}

/** Keeps other runs out of a state folder until it is called. @throws SW-RUN-ACTIVE, SW-STATE-FOLDER */
export async function claimState(state: string): Promise<() => void> {
  await ensureState(state)
  const lock = takeRunLock(join(state, 'lock'))
  if ('release' in lock) return lock.release
  throw runActive(`Process ${lock.heldBy} runs a pipeline in ${dirname(state)}, expected none.`, {
    hint: `wait for it, or end it: kill ${lock.heldBy}`,
    safe: 'nothing was done here',
    retryable: true,
  })
}

/** A link that came with a checkout must not lead our files elsewhere, nor those of others into messages. */
async function refuseLinks(state: string): Promise<void> {
  const kind = await kindOf(state)
  const content = kind === 'directory' ? await list(state) : []
  const links = kind === 'symlink' ? [state] : content.filter((entry) => entry.kind === 'symlink').map(({ name }) => join(state, name))
  const [first] = links
  if (first === undefined) return
  throw stateForeign(`${first} is a symbolic link, expected a file or folder of our own.`, { hint: `rm '${first}'` })
}

async function kindOf(path: string): Promise<FileKind | undefined> {
  try {
    return (await facts(path)).kind
  } catch (error) {
    if (fileMissing.is(error)) return undefined
    throw error
  }
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
