import { addEntry, createLayout, type Layout } from '../oci/layout.ts'
import { blobsOf, removeAbandoned } from '../oci/layout-garbage.ts'
import type { Platform } from '../oci/types.ts'
import { type BaseName, chooseBase, nameOfBase, resolveBase } from './base.ts'
import { containerConfig } from './config.ts'
import { type ImageParts, LayerStore, type PlatformImage, writeImage, writeIndex } from './image.ts'
import type { Plan, PlanName } from './layer-plan.ts'
import { parseLayerRule } from './layer-rule.ts'
import { contentSize } from './layer-writer.ts'
import { annotationsOf, settle } from './metadata.ts'
import { choosePlan, planLayers } from './plan.ts'
import { fillIn } from './platforms.ts'
import type { BuildPorts, BuildRequest, BuiltImage } from './request.ts'
import { checkSettings } from './settings.ts'

/** Under which name the layout's `index.json` lists what was built last. */
export const layoutTag = 'latest'

/**
 * Builds an image for each platform into an OCI layout. The same files, settings and base give the same digest, whatever
 * the machine's clock, locale, umask or number of processors. `index.json` learns of the image when all of it is there:
 * a build that was killed leaves whole blobs, and the next one completes the layout.
 */
export async function buildImage(request: BuildRequest, ports: BuildPorts): Promise<BuiltImage> {
  checkSettings(request.settings)
  const [first = ports.node.platform] = request.platforms
  const name = await choosePlan(fillIn(request.context, first), request.plan, request.layers.length > 0)
  const base = chooseBase(request.base, name, request.programs)
  ports.progress.doing('reading files')
  const planned = await planAll(request, { name, base, ports })
  if (base.kind === 'image') ports.progress.doing(`fetching ${base.name}`)
  const parts = await Promise.all(planned.map(async (each) => partsOf(request, each, { base, ports })))
  const layout = await createLayout(request.layout)
  await removeAbandoned(layout, ports.clock.now())
  const before = new Set(await blobsOf(layout))
  const images = await writeAll(layout, parts, ports)
  const rootDigest = parts[0]?.base.rootDigest
  const [only, ...more] = images
  const descriptor =
    only !== undefined && more.length === 0 ? only.descriptor : await writeIndex(layout, images, annotationsOf(request, base, rootDigest))
  await addEntry(layout, descriptor, layoutTag)
  return {
    descriptor,
    images,
    plan: name,
    base: { name: nameOfBase(base), ...(rootDigest === undefined ? {} : { digest: rootDigest }) },
    before,
    credentials: planned[0]?.plan.credentials ?? [],
  }
}

interface Planned {
  readonly platform: Platform
  readonly plan: Plan
}

/** Everything that can be wrong with the files is found here, before anything is written. */
async function planAll(
  request: BuildRequest,
  { name, base, ports }: { name: PlanName; base: BaseName; ports: BuildPorts },
): Promise<readonly Planned[]> {
  const { settings, platforms, context, layers } = request
  const planned: Planned[] = []
  for (const platform of platforms) {
    const plan = await planLayers(name, {
      context: fillIn(context, platform),
      rules: layers.map((rule) => parseLayerRule(fillIn(rule, platform))),
      workdir: settings.workdir,
      needsStart: settings.entrypoint === undefined && settings.cmd === undefined,
      platform,
      machine: ports.node.platform,
      onScratch: base.kind === 'scratch',
      own: [request.layout, ...(request.own ?? [])],
      signal: ports.signal,
    })
    planned.push({ platform, plan })
  }
  return planned
}

async function partsOf(
  request: BuildRequest,
  { platform, plan }: Planned,
  { base, ports }: { base: BaseName; ports: BuildPorts },
): Promise<ImageParts> {
  const resolved = await resolveBase(base, platform, ports.node)
  return {
    platform,
    base: resolved,
    plans: plan.layers,
    container: containerConfig(resolved.config?.config ?? {}, settle(request, { plan, base: resolved, baseName: base })),
    annotations: annotationsOf(request, base, resolved.digest),
    created: request.created,
  }
}

async function writeAll(layout: Layout, parts: readonly ImageParts[], { progress, signal }: BuildPorts): Promise<readonly PlatformImage[]> {
  const total = parts.flatMap(({ base, plans }) => [...base.plans, ...plans]).reduce((sum, { entries }) => sum + contentSize(entries), 0)
  let done = 0
  const onBytes = (bytes: number): void => {
    done += bytes
    progress.doing('packing layers', { done: Math.min(done, total), total, unit: 'bytes' })
  }
  const store = new LayerStore(layout, { signal, onBytes })
  const images: PlatformImage[] = []
  // One after the other: compression has all processors already.
  for (const part of parts) images.push(await writeImage(store, part))
  return images
}
