import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** By `METHOD /route status`: each path in the bodies that came, with the types seen there. */
export type Shapes = Map<string, Set<string>>

export interface Recorder extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  readonly shapes: Shapes
  /** How many requests came. */
  calls(): number
}

/** A proxy that hands on all that is asked and answered, streams as they come, and keeps the shape of it. */
export async function startRecorder(server: string, shapes: Shapes = new Map()): Promise<Recorder> {
  let calls = 0
  const proxy = createServer((asked, answer) => {
    calls += 1
    handOn(asked, answer, { server, shapes })
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    shapes,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      proxy.close().closeAllConnections()
      await once(proxy, 'close')
    },
  }
}

function handOn(asked: IncomingMessage, answer: ServerResponse, { server, shapes }: { server: string; shapes: Shapes }): void {
  const { method = 'GET', url = '/', headers } = asked
  const onward = request(new URL(url, server), { method, headers, agent: false }, (came) => {
    answer.writeHead(came.statusCode ?? 502, came.headers)
    answer.flushHeaders()
    const pieces: Buffer[] = []
    came.on('data', (piece: Buffer) => pieces.push(piece)).pipe(answer)
    came.on('error', () => answer.destroy())
    came.on('close', () => learn(shapes, `${method} ${routeOf(url)} ${came.statusCode}`, Buffer.concat(pieces).toString('utf8')))
  })
  asked.pipe(onward).on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
}

/** `/applications/:name/sync`: names of applications, pods and commits are nobody's business here. */
function routeOf(url: string): string {
  return new URL(url, 'http://argocd').pathname
    .replace(/^\/api\/v1/, '')
    .replace(/(?<=\/(?:applications|pods|revisions|can-i\/[^/]+\/[^/]+)\/)[^/]+/g, ':name')
}

/** A body of JSON, or of lines of it, or of events with it. */
function learn(shapes: Shapes, key: string, text: string): void {
  const known = shapes.get(key) ?? new Set()
  shapes.set(key, known)
  for (const line of text.split('\n')) {
    const value = parsed(line.replace(/^data: ?/, ''))
    if (value !== undefined) for (const path of pathsOf(value)) known.add(path)
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** `.status.sync.revision string`; items of a list have one path, and so have labels, annotations and Kubernetes' own notes. */
function pathsOf(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return [`${at} list`, ...value.flatMap((item) => pathsOf(item, `${at}[]`))]
  if (typeof value !== 'object' || value === null) return [`${at} ${value === null ? 'null' : typeof value}`]
  if (/\.(?:labels|annotations|managedFields)$/.test(at)) return [`${at} object`]
  return [
    `${at} object`,
    ...Object.entries(value).flatMap(([name, inner]) => (name === 'managedFields' ? [] : pathsOf(inner, `${at}.${name}`))),
  ]
}
