import type { IncomingMessage, ServerResponse } from '../../../src/io/server.ts'
import type { Call } from './call.ts'
import { matcher, selected } from './list.ts'
import type { ChangeType } from './state.ts'
import type { Application } from './types.ts'

/** Writes what happens to the applications of a stream until its client goes away: lines of JSON, or events where it asks for them. */
export function stream(call: Call, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isEvents = request.headers.accept === 'text/event-stream'
  response.writeHead(200, {
    'content-type': isEvents ? 'text/event-stream' : 'application/json',
    'grpc-metadata-content-type': 'application/grpc',
  })
  response.flushHeaders()
  let last = ''
  const write = (type: ChangeType, application: Application): void => {
    const text = JSON.stringify(trimmed({ result: { type, application } }, call.query.get('fields') ?? ''))
    if (text !== last) response.write(isEvents ? `data: ${text}\n\n` : `${text}\n`)
    last = text
  }
  const matches = matcher(call.query)
  for (const app of selected(call)) write('ADDED', app)
  const end = call.state.watch((type, app) => matches(app) && write(type, app))
  return new Promise((resolve) => {
    call.gone.addEventListener('abort', () => {
      end()
      response.end()
      resolve()
    })
  })
}

/** Of an event only what `fields` names, by its path from the top: `result.application.metadata.name`. */
function trimmed(event: object, fields: string): object {
  if (fields === '') return event
  const whole: Record<string, unknown> = {}
  for (const path of fields.split(',')) {
    const parts = path.split('.')
    const value = parts.reduce<unknown>((inner, part) => Object(inner)[part], event)
    if (value === undefined) continue
    const last = parts.pop() ?? ''
    let at = whole
    for (const part of parts) {
      const inner: Record<string, unknown> = Object(at[part] ?? {})
      at[part] = inner
      at = inner
    }
    at[last] = value
  }
  return whole
}
