import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeImage, writeIndex, writeReferrer } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import type { Digest } from '../../base/digest.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import { type LayerFiles, packLayer } from '../../domain/packages/image.fake.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

export const system: LayerFiles = {
  'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  'var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\nArchitecture: all\nVersion: 12.4\n',
}

/** An npm package. */
export const application = (version: string): LayerFiles => ({
  'app/package.json': JSON.stringify({ name: 'app', version, license: 'MIT' }),
})

export interface Ran extends Outcome {
  readonly lines: readonly string[]
  readonly read: (path: string) => string
}

/** What is done in the workspace before the task runs; knows the digests of the image. */
export type Prepare = (about: {
  readonly digest: Digest
  readonly config: Digest
  readonly write: (name: string, text: string) => void
}) => void

/** Runs the task on an image of these layers, on an index of two platforms, or on nothing. */
export async function sbom(
  layers: readonly LayerFiles[] | 'index' | 'nothing',
  inputs: Readonly<Record<string, Raw>> = {},
  { prepare, ...given }: Partial<Ports> & { readonly prepare?: Prepare } = {},
): Promise<Ran> {
  const { ports, recorded } = fakePorts(given)
  const { workspace } = ports.files
  const write = (name: string, text: string): void => writeFileSync(join(workspace, name), text)
  const written = layers === 'nothing' ? undefined : await imageOf(layers, workspace)
  prepare?.({ digest: written?.digest ?? 'sha256:', config: written?.config ?? 'sha256:', write })
  const subject =
    written === undefined ? {} : { subject: { digest: written.digest, mediaType: 'm', layout: written.layout, platforms: [] } }
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(inputs)), record: { ...emptyRecord, ...subject }, ports },
  )
  return { ...outcome, lines: recorded.lines, read: (path) => readFileSync(join(workspace, path), 'utf8') }
}

async function imageOf(
  layers: readonly LayerFiles[] | 'index',
  workspace: string,
): Promise<{ readonly digest: Digest; readonly config: Digest; readonly layout: string }> {
  const layout = await createLayout(mkdtempSync(join(workspace, 'layout-')))
  const packed = new Map([
    ['shared', await packLayer(system)],
    ['amd64', await packLayer(application('1'))],
    ['arm64', await packLayer(application('2'))],
  ])
  const pack = (content: string): Buffer => packed.get(content) ?? Buffer.alloc(0)
  const { descriptor, content } =
    layers === 'index'
      ? await writeIndex(layout, ['amd64', 'arm64'], pack)
      : await writeImage(layout, await Promise.all(layers.map(packLayer)))
  await writeReferrer(layout, descriptor)
  const config = content.kind === 'manifest' ? content.manifest.config.digest : descriptor.digest
  return { digest: descriptor.digest, config, layout: layout.folder }
}
