import { createHash } from 'node:crypto'
import type { Asked, Registry, Reply } from '../exchange.ts'
import type { RequestKind } from './request-kind.ts'

/** The same path asked for something else, without anything of the request. */
export function asking({ path }: Asked, method: string): Asked {
  return { method, path, target: path, query: new URLSearchParams(), headers: {}, body: nothing() }
}

/** Takes the body of a write and answers as if it had been done. */
export async function dropped(registry: Registry, asked: Asked, kind: RequestKind | undefined): Promise<Reply> {
  const hash = createHash('sha256')
  for await (const piece of asked.body) hash.update(piece)
  const base = asked.path.slice(0, Math.max(asked.path.lastIndexOf('/blobs/'), asked.path.lastIndexOf('/manifests/')))
  if (kind === 'upload-patch') {
    const state = await registry(asking(asked, 'GET'))
    return state.status === 204 ? { ...state, status: 202 } : state
  }
  if (kind === 'upload-put') {
    await registry(asking(asked, 'DELETE'))
    return createdReply(`${base}/blobs/`, asked.query.get('digest') ?? '')
  }
  if (kind === 'manifest-put') return createdReply(`${base}/manifests/`, `sha256:${hash.digest('hex')}`)
  return { status: 202, headers: {} }
}

/** What paths gave before they were written to. */
export interface Memory {
  /** Keeps what a path gives now, before a write. */
  note(asked: Asked): Promise<void>
  /** What the path gave before its last write, so many times. */
  recall(asked: Asked, reads: number): Reply | undefined
}

const mostRemembered = 1000

/** For manifests and tags: what they give are files that never change. */
export function createMemory(registry: Registry): Memory {
  const known = new Map<string, { readonly reply: Reply; reads: number }>()
  return {
    async note(asked) {
      const [oldest] = known.keys()
      if (known.size >= mostRemembered && oldest !== undefined) known.delete(oldest)
      known.set(asked.path, { reply: await registry(asking(asked, 'GET')), reads: 0 })
    },
    recall({ path }, reads) {
      const entry = known.get(path)
      if (entry === undefined || entry.reads >= reads) return undefined
      entry.reads += 1
      return entry.reply
    },
  }
}

function createdReply(folder: string, digest: string): Reply {
  return { status: 201, headers: { location: `${folder}${digest}`, 'docker-content-digest': digest } }
}

async function* nothing(): AsyncGenerator<Buffer> {}
