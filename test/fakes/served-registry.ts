import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from '@jest/globals'
import { sha256 } from '../../src/base/digest.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { createRegistry, type RegistryOptions } from '../../src/domain/registry/registry.ts'
import { type Listening, listen } from '../../src/io/server.ts'
import type { Log } from '../../src/spec/ports.ts'

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

/** Our registry on loopback for each test of a file, spoken to by `fetch`: no code of ours is on the client's side. */
export function servedRegistry() {
  let root = ''
  let server: Listening
  const start = async (options: Partial<RegistryOptions> = {}): Promise<void> => {
    server = await listen(await createRegistry({ root, log: silent, ...options }))
  }
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'slipway-registry-'))
    await start()
  })
  afterEach(async () => {
    await server.close()
    await rm(root, { recursive: true })
  })
  const send = (method: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, server.url), { method, redirect: 'manual', ...init })
  /** Pushes a blob. */
  const push = async (name: string, content: string): Promise<{ digest: string; size: number }> => {
    const digest = sha256(content)
    const { status } = await send('POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: content })
    if (status !== 201) throw new Error(`the blob was answered by ${status}`)
    return { digest, size: Buffer.byteLength(content) }
  }
  return {
    root: () => root,
    port: () => server.port,
    async restart(options?: Partial<RegistryOptions>) {
      await server.close()
      await start(options)
    },
    send,
    push,
    /** Pushes the blobs of an image, and gives its manifest. */
    async manifestFor(name: string, extra: object = {}): Promise<string> {
      const config = { mediaType: mediaTypes.config, ...(await push(name, '{}')) }
      const layers = [{ mediaType: mediaTypes.layer, ...(await push(name, 'layer')) }]
      return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers, ...extra })
    },
    put: (name: string, reference: string, body: string, type: string = mediaTypes.manifest): Promise<Response> =>
      send('PUT', `/v2/${name}/manifests/${reference}`, { body, headers: { 'content-type': type } }),
  }
}

/** The first code of an error body. */
export async function codeOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { code: string }[] }
  return errors[0]?.code ?? ''
}
