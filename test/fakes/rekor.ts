import { createHash } from 'node:crypto'
import type { CloudAnswer, CloudService } from './cloud.ts'

/** A log at an origin: it takes anything, proves nothing, and can be down. */
export interface FakeLog {
  readonly service: CloudService
  /** Bodies of the entries that were sent, each once. */
  readonly entries: readonly unknown[]
  /** Milliseconds since 1970 until which it answers 503. */
  downUntil: number
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const uuidOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Rekor 1: the second time the same entry is a conflict that says where it is. */
export function fakeRekor1(origin: string, now: () => number): FakeLog {
  const known = new Map<string, unknown>()
  const answerOf = (body: string): object => ({
    [uuidOf(body)]: {
      body: base64(body),
      integratedTime: Math.floor(now() / 1000),
      logID: '00ff'.repeat(16),
      logIndex: [...known.keys()].indexOf(body),
      verification: {
        signedEntryTimestamp: base64('promise'),
        inclusionProof: { checkpoint: 'log - 1\n1\n', hashes: ['ab'.repeat(32)], logIndex: 0, rootHash: 'cd'.repeat(32), treeSize: 1 },
      },
    },
  })
  return fakeLog(
    origin,
    now,
    (method, path, body) => {
      if (method === 'GET') {
        const found = [...known.keys()].find((text) => path.endsWith(uuidOf(text)))
        return found === undefined ? { status: 404, body: {} } : { status: 200, body: answerOf(found) }
      }
      if (known.has(body)) return { status: 409, body: {}, location: `/api/v1/log/entries/${uuidOf(body)}` }
      known.set(body, JSON.parse(body))
      return { status: 201, body: answerOf(body) }
    },
    () => [...known.values()],
  )
}

/** Rekor 2: the second time is a conflict that says nothing of use. */
export function fakeRekor2(origin: string, now: () => number): FakeLog {
  const known = new Map<string, unknown>()
  return fakeLog(
    origin,
    now,
    (_, __, body) => {
      if (known.has(body))
        return { status: 409, body: { code: 6, message: 'an equivalent entry already exists in the transparency log with index 0' } }
      known.set(body, JSON.parse(body))
      const inclusionProof = { rootHash: base64('root'), treeSize: '1', checkpoint: { envelope: 'log\n1\n' } }
      const kindVersion = { kind: 'hashedrekord', version: '0.0.2' }
      return {
        status: 201,
        body: {
          logId: { keyId: base64('log') },
          kindVersion,
          integratedTime: '0',
          inclusionPromise: null,
          inclusionProof,
          canonicalizedBody: base64(body),
        },
      }
    },
    () => [...known.values()],
  )
}

function fakeLog(
  origin: string,
  now: () => number,
  answer: (method: string, path: string, body: string) => CloudAnswer,
  entries: () => readonly unknown[],
): FakeLog {
  const log = {
    downUntil: 0,
    get entries() {
      return entries()
    },
    service: ({ method, url, body }: Parameters<CloudService>[0]): CloudAnswer | undefined => {
      if (url.origin !== origin) return undefined
      return now() < log.downUntil ? { status: 503, body: 'scheduled maintenance' } : answer(method, url.pathname, body)
    },
  }
  return log
}
