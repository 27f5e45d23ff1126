import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fileMissing } from '../io/errors.ts'
import { underLock } from '../io/file-lock.ts'
import { ensureFolder, exists, type FileKind, facts, list, readText, writeAtomic } from '../io/files.ts'
import { takeRunLock } from '../io/run-lock.ts'
import { mergeOwn, mergeRecord } from '../spec/record/merge.ts'
import { emptyRecord, formatRecord, parseRecord, type ReleaseRecord, type Sections } from '../spec/record/record.ts'
import { isCommitted } from './checkout.ts'
import { recordTracked, runActive, stateForeign } from './errors.ts'
import type { Step } from './step.ts'

const byteLimit = 16 * 1024 * 1024

/** Where the record is, relative to the workspace. */
export const recordPath = '.slipway/record.json'

/**
 * The record in a state folder; an empty one where there is none.
 * @throws SW-RECORD-BROKEN, SW-RECORD-VERSION, SW-RECORD-TRACKED, SW-STATE-FOLDER
 */
export async function readRecord(state: string): Promise<ReleaseRecord> {
  await refuseLinks(state)
  const path = join(state, 'record.json')
  if (!(await exists(path))) return emptyRecord
  if (await isCommitted(path))
    throw recordTracked(`${recordPath} is tracked by git, expected a file of this run alone.`, {
      hint: `git -C '${dirname(state)}' rm -r --cached .slipway`,
      safe: 'nothing was done with it',
    })
  return parseRecord(await readText(path, byteLimit), recordPath)
}

/** Replaces the record at once. */
export async function writeRecord(state: string, record: ReleaseRecord): Promise<void> {
  await ensureState(state)
  await writeAtomic(join(state, 'record.json'), formatRecord(record), { mode: 0o644 })
}

/**
 * Adds to the record on disk what a task changed between `before`, which it began with, and `after`. Tasks of other processes may have
 * written since: theirs is kept. @returns the record as it is now
 */
export async function updateRecord(
  state: string,
  { before, after }: { readonly before: ReleaseRecord; readonly after: ReleaseRecord },
): Promise<ReleaseRecord> {
  await ensureState(state)
  return underLock(join(state, 'record.lock'), async () => {
    const now = await readRecord(state)
    const whole = isDeepStrictEqual(now, before) ? after : merged(now, { before, after })
    await writeRecord(state, whole)
    return whole
  })
}

function merged(now: ReleaseRecord, { before, after }: { readonly before: ReleaseRecord; readonly after: ReleaseRecord }): ReleaseRecord {
  const { own, ...sections } = after
  const written = Object.entries(sections).flatMap(([name, value]) => {
    const part = changedPart(before[name as keyof ReleaseRecord], value)
    return part === undefined ? [] : [[name, part]]
  })
  const changedOwn = Object.entries(own).filter(([task, values]) => !isDeepStrictEqual(before.own[task], values))
  const start = mergeRecord(now, Object.fromEntries(written) as Partial<Sections>)
  return changedOwn.reduce((record, [task, values]) => mergeOwn(record, task, values), start)
}

/** Of a list only the new entries: the others may be newer by now. */
function changedPart(before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return undefined
  if (!Array.isArray(before) || !Array.isArray(after)) return after
  return after.filter((entry) => !before.some((known) => isDeepStrictEqual(known, entry)))
}

/** Makes the state folder, which keeps itself out of the user's repository. */
export async function ensureState(state: string): Promise<void> {
  if ((await refuseLinks(state)) !== 'directory') await ensureFolder(state)
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

/** A link that came with a checkout must not lead our files elsewhere, nor those of others into messages. What the folder is now. */
async function refuseLinks(state: string): Promise<FileKind | undefined> {
  const kind = await kindOf(state)
  const content = kind === 'directory' ? await list(state) : []
  const links = kind === 'symlink' ? [state] : content.filter((entry) => entry.kind === 'symlink').map(({ name }) => join(state, name))
  const [first] = links
  if (first === undefined) return kind
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
