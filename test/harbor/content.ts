import { sha256 } from '../../src/base/digest.ts'
import { objectsIn, type Scenario } from './recording.ts'

/** Bytes in place of those that were not recorded, and the digests of both. */
export interface Contents {
  /** Content of as many bytes for a recorded digest (hex). */
  of(recorded: string, size: number): Buffer
  /** Puts ours in the place of each recorded digest that is known. */
  ours(text: string): string
  learn(recorded: string, ours: string): void
}

const image = {
  ...{ created: '2026-01-02T03:04:05Z', author: 'lab', architecture: 'amd64', os: 'linux' },
  config: { Env: ['A=b'], Cmd: ['/app'], Labels: { l: 'v' } },
  ...{ rootfs: { type: 'layers', diff_ids: [] }, history: [{ created: '2026-01-02T03:04:05Z', created_by: 'COPY app /' }] },
}
const known: Readonly<Record<string, object>> = {
  'application/vnd.oci.image.config.v1+json': image,
  'application/vnd.docker.container.image.v1+json': image,
  'application/vnd.cncf.helm.config.v1+json': { name: 'c', version: '0.1.0', apiVersion: 'v2' },
}

export function createContents({ exchanges }: Scenario): Contents {
  const configs = new Map<string, object>()
  for (const { config } of objectsIn(exchanges.map(({ req, res }) => [req.body, res.body]))) {
    const { mediaType, digest } = Object(config)
    const json = known[String(mediaType)]
    if (json !== undefined) configs.set(String(digest).slice('sha256:'.length), json)
  }
  const made = new Map<string, Buffer>()
  const digests = new Map<string, string>()
  const contents: Contents = {
    of(recorded, size) {
      const bytes = made.get(recorded) ?? content(recorded, size, configs.get(recorded))
      made.set(recorded, bytes)
      contents.learn(recorded, sha256(bytes))
      return bytes
    },
    ours: (text) => text.replace(/[0-9a-f]{64}/g, (hex) => digests.get(hex) ?? hex),
    learn: (recorded, ours) => void digests.set(hexOf(recorded), hexOf(ours)),
  }
  return contents
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '')
}

/** A config may be longer than ours: blanks at its end change nothing. */
function content(recorded: string, size: number, json: object | undefined): Buffer {
  const small = Buffer.from('{}')
  if (sha256(small) === `sha256:${recorded}`) return small
  const configs =
    json === undefined ? [] : [{ ...json, n: recorded.slice(0, 8) }, json, { n: recorded.slice(0, 8) }].map((one) => JSON.stringify(one))
  const fitting = configs.find((text) => text.length <= size)
  if (fitting !== undefined) return Buffer.from(fitting.padEnd(size))
  return Buffer.from(recorded.repeat(Math.ceil(size / recorded.length)).slice(0, size))
}

/** An image config for what was pushed outside a scenario. */
export function imageConfig(seed: string): Buffer {
  return Buffer.from(JSON.stringify({ ...image, n: seed }).padEnd(331))
}
