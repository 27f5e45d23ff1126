import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import type { Digest } from '../../base/digest.ts'
import { imageOf, type LayerFiles } from '../../domain/packages/image.fake.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { Ports } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

/** When every scan of a test happens. */
export const now = Date.parse('2026-11-22T00:00:00Z')

/** An advisory of npm about a package below a version; what is given replaces or adds. */
export function advisory(id: string, name: string, fixed: string, more: object = {}): object {
  return {
    ...{ schema_version: '1.7.0', id, modified: '2026-11-20T00:00:00Z', summary: `${name} does too much` },
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }],
    ...more,
  }
}

/** A layer with packages of npm. */
export function npm(...packages: readonly (readonly [name: string, version: string])[]): LayerFiles {
  return Object.fromEntries(packages.map(([name, version]) => [`app/node_modules/${name}/package.json`, JSON.stringify({ name, version })]))
}

export interface Scene {
  readonly layers: readonly LayerFiles[]
  readonly advisories: readonly object[]
  readonly inputs?: Readonly<Record<string, Raw>>
  /** Further files of the workspace. */
  readonly files?: Readonly<Record<string, string>>
  /** In place of those that every scene has. */
  readonly ports?: Partial<Ports>
  /** What `build` says of the base. */
  readonly base?: { readonly name: string; readonly layers: number }
}

export interface Scanned extends Outcome {
  readonly recorded: Recorded
  readonly digest: Digest
  readonly workspace: string
}

/** Runs the task on an image of these layers, with these advisories as a folder of JSON. */
export async function scan({ layers, advisories, inputs = {}, files = {}, ports: more = {}, base }: Scene): Promise<Scanned> {
  const clock: Ports['clock'] = { now: () => now, sleep: () => Promise.resolve() }
  const { ports, recorded } = fakePorts({ clock, ...more })
  const { workspace } = ports.files
  const { image } = await imageOf(join(workspace, 'layout'), layers)
  mkdirSync(join(workspace, 'advisories'), { recursive: true })
  for (const [at, one] of advisories.entries()) writeFileSync(join(workspace, 'advisories', `${at}.json`), JSON.stringify(one))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const { digest, mediaType } = image.descriptor
  const { size } = image.descriptor
  const platforms = base === undefined ? [] : [{ platform: 'linux/amd64', digest, size, baseLayers: base.layers }]
  const named = base === undefined ? {} : { base: { name: base.name } }
  const record = { ...emptyRecord, subject: { digest, mediaType, layout: 'layout', platforms, ...named } }
  const given = new Map<string, Raw>(Object.entries({ database: 'advisories', ...inputs }))
  const outcome = await execute({ definition: task, load: async () => run }, { inputs: given, record, ports })
  return { ...outcome, recorded, digest, workspace }
}
