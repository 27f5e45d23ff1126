// A process that attaches one referrer to each of some digests: REPOSITORY NAME DIGEST...

import { isDigest } from '../../src/base/digest.ts'
import { pushArtifact } from '../../src/domain/oci/artifact.ts'
import { connectRegistry, type RegistryPorts } from '../../src/domain/oci/registry.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { emptyBlob } from '../../src/domain/sigstore/formats/bundle.ts'
import { createTransport } from '../../src/io/transport.ts'
import type { Clock, Log } from '../../src/spec/ports.ts'

const [repository = '', name = '', ...subjects] = process.argv.slice(2)
const nobody = (): Promise<never> => Promise.reject(new Error('this process has no identity and runs no program'))
const clock: Clock = { now: Date.now, sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) }
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }
const { signal } = new AbortController()
const http = createTransport({ userAgent: 'test', clock, log, signal })
const ports: RegistryPorts = {
  ...{ clock, log, http, environment: {} },
  identity: { token: nobody },
  process: { run: nobody, find: () => Promise.resolve(undefined) },
  secrets: { mask: () => undefined },
}
const slash = repository.indexOf('/')
const target = connectRegistry(repository.slice(0, slash), ports).repository(repository.slice(slash + 1))
const { mediaType, digest, size, bytes } = emptyBlob
for (const subject of subjects.filter(isDigest)) {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: `x/${name}`,
    config: { mediaType, digest, size },
    layers: [{ mediaType, digest, size }],
    subject: { mediaType: mediaTypes.manifest, digest: subject, size: 2 },
  } as const
  await pushArtifact(target, { manifest, blobs: [bytes] })
}
http.close()
