import { formatPlatform, isSamePlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { completeEntries, type LayerEntry } from './entries.ts'
import { baseMissing, basePlatform } from './errors.ts'
import type { LayerPlan } from './layer-plan.ts'
import { librariesOf } from './libraries.ts'
import { machineFile } from './machine-file.ts'
import { programEntries } from './programs.ts'
import { systemFiles } from './system-files.ts'

/** The Node that runs this build, from which a base is made. */
export interface NodeRuntime {
  /** Absolute path of the program. */
  readonly program: string
  /** `v24.21.0`. */
  readonly version: string
  /** Of the machine. */
  readonly platform: Platform
  /** Whether this Node loads parts of itself from files beside it, as Debian's does. */
  readonly isSplit: boolean
}

/** Where the base has node; programs start it by this path. */
export const nodeProgram = '/usr/local/bin/node'

/** What the labels of an image on this base say, so that nobody takes it for a distribution's image. */
export function runtimeLabels({ version, platform }: NodeRuntime, programs: readonly string[] = []): Readonly<Record<string, string>> {
  return {
    'dev.slipway.base': 'node-runtime',
    'dev.slipway.base.node': version,
    ...(programs.length === 0 ? {} : { 'dev.slipway.base.programs': programs.join(' ') }),
    'dev.slipway.base.note': `node ${version} and its shared libraries, copied from the ${formatPlatform(platform)} machine that built this image; not a distribution, not updated by one`,
  }
}

/**
 * A base made of the running Node: its shared libraries, certificates and the few files of /etc that programs ask for in
 * one layer, node itself in another; between them programs of the machine (absolute paths) with what they load besides.
 * @throws SW-BUILD-BASE-PLATFORM, SW-BUILD-BASE-MISSING, SW-BUILD-LIBRARIES, SW-BUILD-PROGRAM
 */
export async function runtimeLayers(
  node: NodeRuntime,
  platform: Platform,
  programs: readonly string[] = [],
): Promise<readonly LayerPlan[]> {
  const hint = 'Set `base` to an image that has this platform, such as docker.io/library/node:24-slim'
  if (node.platform.os !== 'linux')
    throw baseMissing(`node-runtime can be made on Linux only, and this machine is ${formatPlatform(node.platform)}.`, { hint })
  if (!isSamePlatform(node.platform, platform)) {
    throw basePlatform(
      `node-runtime is made of this machine's Node, which is for ${formatPlatform(node.platform)}; asked for ${formatPlatform(platform)}.`,
      { hint },
    )
  }
  if (node.isSplit)
    throw baseMissing(`${node.program} loads parts of itself from other folders (a distribution's build), so it cannot be copied alone.`, {
      hint,
    })
  const system = completeEntries([...(await systemFiles()), ...(await libraries(node))])
  return [
    { name: 'node-runtime: system', entries: system },
    ...(await programLayer(programs, platform, system)),
    { name: `node-runtime: node ${node.version}`, entries: completeEntries([await machineFile(node.program, nodeProgram)]) },
  ]
}

/** What the system layer has already is not there twice. */
async function programLayer(programs: readonly string[], platform: Platform, system: readonly LayerEntry[]): Promise<readonly LayerPlan[]> {
  if (programs.length === 0) return []
  const present = new Set(system.map(({ path }) => path))
  const entries = (await programEntries(programs, platform)).filter(({ path }) => !present.has(path))
  return [{ name: 'node-runtime: programs', entries: completeEntries(entries) }]
}

async function libraries(node: NodeRuntime): Promise<readonly LayerEntry[]> {
  const { loader, folder, files } = await librariesOf(node.program)
  const copies = files.map(async ({ name, from }) => machineFile(from, `${folder}/${name}`))
  return Promise.all(loader === undefined ? copies : [...copies, machineFile(loader, loader)])
}
