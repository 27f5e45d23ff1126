import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event, EventOf } from '../report/events.ts'
import type { ReleaseRecord } from '../spec/record/record.ts'
import { fakeSession, fakeTasks, kinds, type Script } from './road.fake.ts'
import { type RunOptions, runPipeline } from './run.ts'

export const image = 'registry.example/team/app'
export const file = `tasks:\n  - test\n  - build\n  - push: { image: ${image} }\n`
const failures = { kinds: [kinds.refused], bug: kinds.bug }

interface Given extends Partial<Pick<RunOptions, 'file' | 'overrides' | 'resume' | 'folder'>> {
  readonly script?: Script
  readonly seed?: string
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

/** One `slipway run` in a workspace. */
export async function run(workspace: string, given: Given = {}) {
  const { script = { ran: [] }, seed, signal, environment, ...options } = given
  const { session, events } = await fakeSession(workspace, {
    ...(signal === undefined ? {} : { signal }),
    ...(environment === undefined ? {} : { environment }),
  })
  const tasks = fakeTasks(script, seed)
  const end = await runPipeline({ session, tasks, overrides: [], resume: false, failures, asAction: false, folder: '', ...options })
  session.close()
  return { end, events, ran: script.ran, statuses: ofType(events, 'task-end').map(({ task, status }) => `${task} ${status}`) }
}

export function ofType<T extends Event['type']>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

export const failingAt = (task: string, error: Error = kinds.refused('no')): Script => ({
  ran: [],
  during(name) {
    if (name === task) throw error
  },
})

export const recordOf = (workspace: string): ReleaseRecord => JSON.parse(readFileSync(join(workspace, '.slipway/record.json'), 'utf8'))
