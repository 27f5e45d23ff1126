import * as v from 'valibot'

/** The version of the events; the part before the dot changes when a consumer must change. */
const eventsVersion = '1.0'

const text = v.string()
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const fault = v.picklist(['input', 'environment', 'tool', 'remote', 'policy', 'bug'])
const head = { schemaVersion: v.literal(eventsVersion), time: v.pipe(text, v.isoTimestamp()) }

/** Why a task or a run failed: what, who must act, the fix, what is safe, where to read more. */
const failureSchema = v.object({
  code: text,
  fault,
  message: text,
  fix: v.optional(text),
  safe: v.optional(text),
  more: v.optional(text),
  /** Whether the same command may succeed later without any change. */
  retryable: v.boolean(),
  /** Only for a mistake of ours. */
  stack: v.optional(text),
})

const runStart = v.object({
  ...head,
  type: v.literal('run-start'),
  version: text,
  host: text,
  project: text,
  commit: v.optional(text),
  ref: v.optional(text),
  tasks: v.array(text),
})

const taskStart = v.object({ ...head, type: v.literal('task-start'), task: text, index: count })

const progress = v.object({
  ...head,
  type: v.literal('progress'),
  task: text,
  doing: text,
  part: v.optional(v.object({ done: v.number(), total: v.number(), unit: v.picklist(['bytes', 'items']) })),
})

/** `output` is text of a child process or another text that is not ours. */
const log = v.object({
  ...head,
  type: v.literal('log'),
  task: v.optional(text),
  level: v.picklist(['debug', 'info', 'warn', 'error', 'output']),
  message: text,
  fields: v.optional(v.record(text, v.union([text, v.number(), v.boolean()]))),
})

const annotation = v.object({
  ...head,
  type: v.literal('annotation'),
  task: v.optional(text),
  level: v.picklist(['error', 'warning', 'notice']),
  message: text,
  title: v.optional(text),
  file: v.optional(text),
  line: v.optional(count),
  column: v.optional(count),
})

const texts = v.pipe(v.array(text), v.readonly())
const block = v.variant('kind', [
  v.object({ kind: v.literal('heading'), text }),
  v.object({ kind: v.literal('text'), text }),
  v.object({ kind: v.literal('table'), title: v.exactOptional(text), columns: texts, rows: v.pipe(v.array(texts), v.readonly()) }),
  v.object({ kind: v.literal('details'), title: text, text }),
])

/** What a task was asked to tell: to be read, and as figures. */
const answerSchema = v.object({ blocks: v.pipe(v.array(block), v.readonly()), data: v.unknown() })

/** `unchanged` was done by an earlier run; `not-run` comes after a failure, or has a `headline` that says why. Milliseconds. */
const taskEnd = v.object({
  ...head,
  type: v.literal('task-end'),
  task: text,
  index: count,
  status: v.picklist(['passed', 'failed', 'unchanged', 'not-run']),
  duration: v.number(),
  headline: v.optional(text),
  outputs: v.optional(v.record(text, text)),
  answer: v.optional(answerSchema),
  failure: v.optional(failureSchema),
})

/**
 * `reference` is the last image, `outputs` are those of a task that ran alone; `failure` is there when no task had it; `next` are
 * commands to paste. Milliseconds.
 */
const runEnd = v.object({
  ...head,
  type: v.literal('run-end'),
  status: v.picklist(['passed', 'failed', 'cancelled']),
  exit: count,
  duration: v.number(),
  reference: v.optional(text),
  outputs: v.optional(v.record(text, text)),
  record: v.optional(text),
  summary: v.optional(text),
  next: v.array(v.object({ label: text, command: text })),
  failure: v.optional(failureSchema),
})

/** The valibot schema of one event, from which `schemas/events.schema.json` is made. */
export const eventSchema = v.variant('type', [runStart, taskStart, progress, log, annotation, taskEnd, runEnd])

/** One line of `--json`. */
export type Event = v.InferOutput<typeof eventSchema>
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>
export type Failure = v.InferOutput<typeof failureSchema>

/** An event before it is stamped with version and time. */
export type Fact = Event extends infer E ? (E extends Event ? Omit<E, 'schemaVersion' | 'time'> : never) : never

/** Stamps a fact. `now` in milliseconds since 1970. */
export function stamp(fact: Fact, now: number): Event {
  return { schemaVersion: eventsVersion, time: new Date(now).toISOString(), ...fact } as Event
}
