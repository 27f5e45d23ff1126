/** What only BuildKit with a store of its own makes: layouts by its exporter, indexes of several platforms, provenance and SBOMs. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startDockerEngine } from '../real/docker-engine.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { pushBusybox } from '../real/dockerfile-images.ts'
import { checkOutExample, disturb, repository } from '../real/example.ts'
import { fill, temporaryFolder } from '../real/folder.ts'
import { type Ended, end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('buildkit')).path
const secret = 'a secret that no layer has'
let registry: string
let base: string
let generator: string
let env: NodeJS.ProcessEnv

interface Built extends Ended {
  readonly digest: string
}

/** Makes an SBOM as docker/buildkit-syft-scanner does (moby/buildkit, docs/attestations/sbom-protocol.md): of files, by name. */
const scan = `#!/bin/sh
set -e
cd "$BUILDKIT_SCAN_SOURCE"
for file in site/*; do files="$files\${files:+,}{\\"SPDXID\\":\\"SPDXRef-File\\",\\"fileName\\":\\"$file\\"}"; done
predicate="{\\"spdxVersion\\":\\"SPDX-2.3\\",\\"SPDXID\\":\\"SPDXRef-DOCUMENT\\",\\"name\\":\\"sbom\\",\\"files\\":[$files]}"
echo "{\\"_type\\":\\"https://in-toto.io/Statement/v0.1\\",\\"predicateType\\":\\"https://spdx.dev/Document\\",\\"predicate\\":$predicate}" \\
  >"$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json"
`

const slipway = (cwd: string, ...argv: string[]): Promise<Ended> =>
  end([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), ...argv], { cwd, env })

async function build(path: string, ...argv: string[]): Promise<Built> {
  const ended = await slipway(path, 'build', '--engine', 'buildx', ...argv)
  if (ended.status !== 0) return { ...ended, digest: '' }
  const { subject } = JSON.parse(readFileSync(join(path, '.slipway', 'record.json'), 'utf8'))
  return { ...ended, digest: subject.digest }
}

const buildExample = (path: string, ...argv: string[]): Promise<Built> =>
  build(
    path,
    ...['--build-args', `BASE=${base}`, '--build-args', 'VERSION=1.4.0', '--network', 'none'],
    ...['--secret-files', `token=${join(folder, 'token')}`, ...argv],
  )

function project(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(folder, name)
  checkOutExample(path, 'dockerfile')
  fill(path, files)
  return path
}

/** A blob of a project's layout, as JSON. */
const blobOf = (path: string, digest: string) =>
  JSON.parse(readFileSync(join(path, '.slipway', 'layout', 'blobs', digest.replace(':', '/')), 'utf8'))

beforeAll(async () => {
  mkdirSync(join(folder, 'storage'))
  registry = stack.use(await startDockerRegistry(join(folder, 'storage'))).address
  base = await pushBusybox(`${registry}/busybox`)
  fill(folder, { token: secret })
  const engine = stack.use(await startDockerEngine(join(folder, 'engine')))
  env = { ...process.env, SLIPWAY_HOST: 'local', ...engine.environment }
  const scanner = join(folder, 'scanner')
  fill(scanner, { scan, Dockerfile: `FROM ${base}\nCOPY --chmod=755 scan /scan\nENTRYPOINT ["/scan"]\n` })
  const { digest, stdout, stderr } = await build(scanner)
  if (digest === '') throw new Error(stdout + stderr)
  generator = `${registry}/scanner@${digest}`
  await slipway(scanner, 'push', '--image', `${registry}/scanner`)
}, 600_000)
afterAll(() => stack.disposeAsync(), 120_000)

describe('examples/dockerfile by a BuildKit with containerd’s store', () => {
  it('has the same digest from a checkout with other times, built from nothing', async () => {
    const [first, second] = [project('first'), project('second')]
    const built = await buildExample(first)
    expect([built.stdout + built.stderr, built.status]).toEqual([expect.not.stringContaining('another with every build'), 0])
    disturb(second)
    await output(['docker', 'builder', 'prune', '--all', '--force'], { env })
    expect((await buildExample(second)).digest).toBe(built.digest)
    expect(built.stdout + built.stderr).not.toContain(secret)
  }, 600_000)

  it('is an index for several platforms', async () => {
    const path = project('platforms', { Dockerfile: 'FROM scratch\nCOPY page.html /\nUSER 65532\n' })
    const { digest } = await build(path, '--platforms', 'linux/amd64,linux/arm64')
    const { mediaType, manifests } = blobOf(path, digest)
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
    expect(manifests).toMatchObject([{ platform: { architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }])
  }, 600_000)

  it('refuses an SBOM by an image that it cannot pull, before anything is built', async () => {
    const { status, stdout, stderr } = await buildExample(project('none'), '--sbom', '--sbom-generator', `${registry}/none:1`)
    expect([status, stdout + stderr]).toEqual([4, expect.stringMatching(/SW-ENGINE-UNFIT[\s\S]*none:1/)])
  }, 600_000)
})

describe('provenance and SBOM by BuildKit itself', () => {
  let path: string
  let built: Built

  beforeAll(async () => {
    path = project('attested')
    built = await buildExample(path, '--provenance', 'max', '--sbom', '--sbom-generator', generator)
  }, 600_000)

  it('are a manifest of the index beside the image, and tell of it', () => {
    const said = built.stdout + built.stderr
    expect(said).not.toMatch(/SW-|a secret that no layer has/)
    const [image, attestations, ...more] = blobOf(path, built.digest).manifests
    expect([attestations.annotations, more]).toEqual([
      { 'vnd.docker.reference.digest': image.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
      [],
    ])
    const statements = blobOf(path, attestations.digest).layers.map(({ digest }: { digest: string }) => blobOf(path, digest))
    const byType = Object.fromEntries(
      statements.map(({ predicateType, predicate }: Record<string, unknown>) => [predicateType, JSON.stringify(predicate)]),
    )
    expect(Object.keys(byType)).toEqual(
      expect.arrayContaining(['https://spdx.dev/Document', expect.stringContaining('slsa.dev/provenance')]),
    )
    expect(byType['https://spdx.dev/Document']).toContain('site/index.html')
    expect(Object.values(byType).join('\n')).not.toContain(secret)
  })

  it('are pushed with the image, which Docker runs; sign and verify take the index and the image, and no attestation for one', async () => {
    const image = `${registry}/attested`
    const run = (...argv: string[]): Promise<string> =>
      output([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), ...argv], { cwd: path, env })
    await run('push', '--image', image)
    const argv = ['docker', 'run', '--rm', '--network', 'none', '--entrypoint', 'cat', `${image}@${built.digest}`, '/site/index.html']
    expect(await output(argv, { env })).toContain('Version 1.4.0')
    env['COSIGN_PASSWORD'] = 'x'
    await run('keys', 'generate', '--output', 'signing')
    expect(await run('sign', '--key', 'signing.key', '--format', 'bundle')).toContain('2 ')
    await run('verify', '--image', `${image}@${built.digest}`, '--key', 'signing.pub', '--recursive')
  }, 600_000)
})
