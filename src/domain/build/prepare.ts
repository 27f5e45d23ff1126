import type { Platform } from '../oci/types.ts'
import { type BaseName, chooseBase, nameOfBase, resolveBase } from './base.ts'
import { containerConfig } from './config.ts'
import { tooManyLayers } from './errors.ts'
import type { ImageParts } from './image.ts'
import type { ChosenPlan, Plan } from './layer-plan.ts'
import { parseLayerRule } from './layer-rule.ts'
import { annotationsOf, settle } from './metadata.ts'
import { planLayers } from './plan.ts'
import { choosePlan } from './plan-choice.ts'
import { fillIn } from './platforms.ts'
import type { BuildPorts, BuildRequest } from './request.ts'
import { checkSettings } from './settings.ts'

/** Everything about an image that is known before the first byte of it is written. */
export interface Prepared {
  readonly plan: ChosenPlan
  readonly base: BaseName
  /** One for each platform, in the order asked for. */
  readonly parts: readonly ImageParts[]
  readonly credentials: Plan['credentials']
}

/** Layers of an image, those of its base included: overlayfs and Docker stop a little above. */
const mostLayers = 100

/** Decides what goes into an image; finds everything that can be wrong with its files, and writes nothing. */
export async function prepareImage(request: BuildRequest, ports: BuildPorts): Promise<Prepared> {
  checkSettings(request.settings)
  const [first = ports.node.platform] = request.platforms
  const plan = await choosePlan(fillIn(request.context, first), {
    plan: request.plan,
    hasRules: request.layers.length > 0,
    needsStart: needsStart(request),
    base: request.base === undefined ? undefined : nameOfBase(request.base),
  })
  const base = chooseBase(request.base, plan.name, request.programs)
  ports.progress.doing('reading files')
  const planned = await planAll(request, { plan, base, ports })
  if (base.kind === 'image') ports.progress.doing(`fetching ${base.name}`)
  const parts = await Promise.all(planned.map(async (each) => partsOf(request, each, { base, ports })))
  return { plan, base, parts, credentials: planned[0]?.plan.credentials ?? [] }
}

function needsStart({ settings }: BuildRequest): boolean {
  return settings.entrypoint === undefined && settings.cmd === undefined
}

interface Planned {
  readonly platform: Platform
  readonly plan: Plan
}

async function planAll(
  request: BuildRequest,
  { plan: { name }, base, ports }: { plan: ChosenPlan; base: BaseName; ports: BuildPorts },
): Promise<readonly Planned[]> {
  const { settings, platforms, context, layers } = request
  const planned: Planned[] = []
  for (const platform of platforms) {
    const plan = await planLayers(name, {
      context: fillIn(context, platform),
      rules: layers.map((rule) => parseLayerRule(fillIn(rule, platform))),
      workdir: settings.workdir,
      needsStart: needsStart(request),
      platform,
      machine: ports.node.platform,
      onScratch: base.kind === 'scratch',
      base: nameOfBase(base),
      isRootAllowed: settings.allowRoot || settings.user !== undefined,
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
  const count = resolved.layers.length + resolved.plans.length + plan.layers.length
  if (count > mostLayers)
    throw tooManyLayers(
      `The image would have ${count} layers, ${resolved.layers.length} of them the base’s; expected at most ${mostLayers}.`,
    )
  return {
    platform,
    base: resolved,
    plans: plan.layers,
    container: containerConfig(resolved.config?.config ?? {}, settle(request, { plan, base: resolved, baseName: base })),
    annotations: annotationsOf(request, base, resolved.digest),
    created: request.created,
  }
}
