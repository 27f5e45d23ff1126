import { toJsonSchema } from '@valibot/to-json-schema'
import { eventSchema } from './events.ts'

/** The JSON Schema of one line of `--json`. Imported by scripts and tests only: its converter is no part of the bundle. */
export function eventsSchema(): object {
  return {
    title: 'Slipway event',
    description: 'One line of `slipway run --json`: NDJSON, one event a line.',
    ...toJsonSchema(eventSchema, { target: 'draft-2020-12', ignoreActions: ['readonly'] }),
  }
}
