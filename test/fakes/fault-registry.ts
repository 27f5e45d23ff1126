import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import { sha256 } from '../../src/base/digest.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { createFaultRegistry, type FaultRegistryOptions } from '../../src/domain/registry/faults/fault-registry.ts'
import type { LogEntry } from '../../src/domain/registry/faults/request-log.ts'
import { listen } from '../../src/io/server.ts'
import { fakeClock } from './clock.ts'
import { silent } from './served-registry.ts'

export interface ServedFaults {
  readonly url: string
  readonly port: number
  readonly clock: ReturnType<typeof fakeClock>
  readonly entries: readonly LogEntry[]
  send(method: string, path: string | URL, init?: RequestInit): Promise<Response>
  /** Pushes a blob by POST and PUT, and gives the answer of the PUT. */
  push(content: string, repository?: string, init?: RequestInit): Promise<Response>
  /** Pushes a manifest with nothing in it but a note. */
  put(reference: string, note: string, repository?: string, init?: RequestInit): Promise<Response>
}

const opened: (() => Promise<void>)[] = []

/** A fault registry on loopback whose delays take no time, spoken to by `fetch`; closed after the test. */
export async function serveFaults(options: Partial<FaultRegistryOptions> = {}): Promise<ServedFaults> {
  const [root, clock, entries] = [await mkdtemp(join(tmpdir(), 'slipway-faults-')), fakeClock(), [] as LogEntry[]]
  const { handler } = await createFaultRegistry({ root, clock, log: silent, onAnswer: (entry) => void entries.push(entry), ...options })
  const { url, port, close } = await listen(handler)
  opened.push(async () => {
    await close()
    await rm(root, { recursive: true })
  })
  const send: ServedFaults['send'] = (method, path, init = {}) => fetch(new URL(path, url), { method, redirect: 'manual', ...init })
  return {
    ...{ url, port, clock, entries, send },
    async push(content, repository = 'app', init = {}) {
      const begun = await send('POST', `/v2/${repository}/blobs/uploads/`, { ...init })
      return send('PUT', `${begun.headers.get('location')}?digest=${sha256(content)}`, { ...init, body: content })
    },
    put: (reference, note, repository = 'app', { headers, ...init } = {}) =>
      send('PUT', `/v2/${repository}/manifests/${reference}`, {
        ...init,
        body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [], annotations: { note } }),
        headers: { 'content-type': mediaTypes.index, ...headers },
      }),
  }
}

afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})
