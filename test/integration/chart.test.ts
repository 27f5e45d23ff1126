import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Digest, sha256 } from '../../src/base/digest.ts'
import { tagOf } from '../../src/domain/chart/chart-file.ts'
import { writeChart } from '../../src/domain/chart/chart-image.ts'
import { copyFromLayout } from '../../src/domain/oci/copy.ts'
import { openLayout } from '../../src/domain/oci/layout.ts'
import { findManifest, resolveTag } from '../../src/domain/oci/manifests.ts'
import type { Manifest } from '../../src/domain/oci/types.ts'
import { testClient } from '../fakes/registry-client.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('chart')).path
const client = stack.use(testClient())
let address: string

/** As `helm create` makes one, with a dependency and what Helm escapes in JSON. */
const about = `
home: https://example.com/?a=1&b=<2>
sources: [https://example.com/source]
keywords: [one, two]
maintainers: [{ name: Ada, email: ada@example.com }]
annotations: { z: last, a: first }
kubeVersion: ">=1.20.0-0"
dependencies: [{ name: db, version: 0.1.0, repository: "file://../db" }]
`

beforeAll(async () => {
  address = stack.use(await startDockerRegistry(folder)).address
  await helm('create', 'app')
  await helm('create', 'db')
  const file = join(folder, 'app/Chart.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^version: .*$/m, 'version: 1.4.0+build.7') + about)
  await helm('dependency', 'update', 'app')
})
afterAll(() => stack.disposeAsync())

const helm = (...args: string[]): Promise<string> => {
  const home = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, join(folder, `helm-${kind}`)]))
  return output(['helm', ...args], { cwd: folder, env: { ...process.env, ...home } })
}
const repositoryAt = (path: string) => client.connect(address).repository(path)

async function push(chart: string, repository: string): Promise<Digest> {
  const written = await writeChart({ chart: join(folder, chart), layout: join(folder, 'layout'), created: 0, origin: {}, annotations: {} })
  const layout = await openLayout(join(folder, 'layout'))
  await copyFromLayout(layout, written.descriptor.digest, repositoryAt(repository), { tags: [tagOf(written.chart)] })
  return written.descriptor.digest
}

async function manifestAt(repository: string, tag: string): Promise<Manifest> {
  const descriptor = await resolveTag(repositoryAt(repository), tag)
  const found = descriptor === undefined ? undefined : await findManifest(repositoryAt(repository), descriptor)
  if (found?.content.kind !== 'manifest') throw new Error(`no manifest at ${repository}:${tag}`)
  return found.content.manifest
}

test('Helm pulls and renders the chart of a folder, its dependency with it', async () => {
  await push('app', 'ours/app')
  const chart = `oci://${address}/ours/app`
  const [rendered, own] = [
    await helm('template', 'release', chart, '--version', '1.4.0+build.7', '--plain-http'),
    await helm('template', 'release', 'app'),
  ]
  expect(rendered).toBe(own)
  expect(rendered).toContain('kind: Deployment')
  expect(rendered).toContain('# Source: app/charts/db/templates/service.yaml')
  expect(await helm('show', 'chart', chart, '--plain-http')).toContain('version: 1.4.0+build.7')
  mkdirSync(join(folder, 'pulled'))
  await helm('pull', chart, '--version', '1.4.0+build.7', '--plain-http', '--destination', 'pulled')
  expect(await helm('lint', 'pulled/app-1.4.0+build.7.tgz')).toContain('0 chart(s) failed')
})

test('an archive, with its provenance, is what `helm push` makes of it, but for the time', async () => {
  mkdirSync(join(folder, 'out'), { recursive: true })
  await helm('package', 'app', '--destination', 'out')
  const archive = 'out/app-1.4.0+build.7.tgz'
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\n\nfiles:\n  app-1.4.0+build.7.tgz: ${sha256(readFileSync(join(folder, archive)))}\n-----BEGIN PGP SIGNATURE-----\n`
  writeFileSync(join(folder, `${archive}.prov`), signed)
  await helm('push', archive, `oci://${address}/theirs`, '--plain-http')
  await push(archive, 'ours/packed')
  const [ours, theirs] = [await manifestAt('ours/packed', '1.4.0_build.7'), await manifestAt('theirs/app', '1.4.0_build.7')]
  const timeless = ({ annotations, ...manifest }: Manifest) => ({
    ...manifest,
    annotations: { ...annotations, 'org.opencontainers.image.created': '' },
  })
  expect(timeless(ours)).toEqual({ mediaType: ours.mediaType, ...timeless(theirs) })
})
