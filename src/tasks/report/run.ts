import { join } from 'node:path'
import { exists } from '../../io/files.ts'
import { implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { type Section, writers } from '../../spec/record/record.ts'
import { counts, factsOf, type Known } from './facts.ts'
import { runStatus, type TaskStatus, taskStatuses } from './status.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, { record, files }) => {
  const tasks = taskStatuses(input.tasks)
  const status = runStatus(input.status, tasks)
  const ran = (section: Section): boolean => tasks.find(({ name }) => name === writers[section])?.status !== 'not run'
  const now = only(record, ran)
  const headline = headlineOf(status, tasks, now)
  const broken = factsOf(record).length === 0 && (await exists(join(files.state, 'record.json')))
  return {
    outputs: { status: status ?? '', headline },
    record: {},
    headline,
    summary: [
      ...tasksBlock(tasks),
      ...factsBlock('Release', now),
      ...factsBlock(
        'From an earlier run in this workspace',
        only(record, (section) => !ran(section)),
      ),
      ...(factsOf(record).length > 0 ? [] : [{ kind: 'text', text: broken ? unreadable : nothing } as const]),
    ],
  }
})

const nothing = 'The release record has nothing: no task has left anything in this workspace.'
const unreadable = 'The release record says nothing, or cannot be read: then the log says why.'

/** In characters, of up to four bytes: an output holds 1 KiB. */
const longestHeadline = 240

/** `failed at push · 24 passed · registry.example.com/team/app:1.4.0` */
function headlineOf(
  status: TaskStatus['status'] | undefined,
  tasks: readonly TaskStatus[],
  { tests, pushes, tags, subject }: Known,
): string {
  const failed = tasks.filter((one) => one.status === 'failed').map(({ name }) => name)
  const pushed = tags?.findLast((one) => one.tags.length > 0) ?? pushes?.at(-1)
  const parts = [
    status === 'failed' && failed.length > 0 ? `failed at ${failed.join(', ')}` : status,
    tests && counts(tests),
    pushed === undefined ? subject?.digest : [pushed.image, ...pushed.tags.slice(0, 1)].join(':'),
  ]
  const text = parts.filter((part) => part !== undefined).join(' · ') || 'nothing is known of this run'
  const characters = [...text]
  return characters.length <= longestHeadline ? text : `${characters.slice(0, longestHeadline - 1).join('')}…`
}

function tasksBlock(tasks: readonly TaskStatus[]): readonly Block[] {
  const marks: Readonly<Record<string, string>> = { passed: '✓', failed: '✗', 'not run': '·' }
  const rows = tasks.map(({ name, status }) => [`${marks[status] ?? '?'} ${status}`, name])
  return rows.length === 0 ? [] : [{ kind: 'table', title: 'Tasks', columns: ['', 'task'], rows }]
}

function factsBlock(title: string, known: Known): readonly Block[] {
  const rows = factsOf(known).flatMap(({ section, lines }) => lines.map((line, place) => [place === 0 ? section : '', line]))
  return rows.length === 0 ? [] : [{ kind: 'table', title, columns: ['', ''], rows }]
}

function only(record: Known, keep: (section: Section) => boolean): Known {
  return Object.fromEntries(Object.entries(record).filter(([section, value]) => value !== undefined && keep(section as Section)))
}
