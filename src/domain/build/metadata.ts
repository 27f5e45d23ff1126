import type { Digest } from '../../base/digest.ts'
import { type Base, type BaseName, nameOfBase } from './base.ts'
import { noEntrypoint } from './errors.ts'
import type { Plan } from './layer-plan.ts'
import type { BuildRequest } from './request.ts'
import type { Settings } from './settings.ts'

const prefix = 'org.opencontainers.image'

/** The annotations of a manifest or an index (image-spec, annotations.md), the user's over ours. */
export function annotationsOf(
  { annotations, source, revision }: BuildRequest,
  base: BaseName,
  baseDigest: Digest | undefined,
): Readonly<Record<string, string>> {
  const reference = base.kind === 'image' ? base.reference : undefined
  return {
    ...origin(source, revision),
    ...(reference === undefined ? {} : { [`${prefix}.base.name`]: reference }),
    ...(baseDigest === undefined ? {} : { [`${prefix}.base.digest`]: baseDigest }),
    ...annotations,
  }
}

interface Settled {
  readonly plan: Plan
  readonly base: Base
  readonly baseName: BaseName
}

/** The settings with everything decided: what the user gave, else what the plan proposes, on what the base brings. */
export function settle({ settings, source, revision }: BuildRequest, { plan, base, baseName }: Settled): Settings {
  const known = new Set((base.config?.config?.Env ?? []).map((entry) => entry.split('=')[0]))
  const proposed = Object.fromEntries(Object.entries(plan.env).filter(([name]) => !known.has(name)))
  return {
    ...settings,
    ...startOf(settings, { plan, base, baseName }),
    workdir: settings.workdir ?? plan.workdir,
    env: { ...base.env, ...proposed, ...settings.env },
    labels: { ...origin(source, revision), ...base.labels, ...settings.labels },
  }
}

function startOf(settings: Settings, { plan: { start }, base, baseName }: Settled): Pick<Settings, 'entrypoint' | 'cmd'> {
  if (start === undefined || settings.entrypoint !== undefined || settings.cmd !== undefined) return {}
  if ('program' in start) return { entrypoint: start.program }
  if (base.startNode === undefined) {
    throw noEntrypoint(`The base ${nameOfBase(baseName)} has no node to start ${start.node.join(' ')} with.`, {
      hint: 'Set base: node-runtime, or an image that has node.',
    })
  }
  return base.startNode(start.node)
}

function origin(source: string | undefined, revision: string | undefined): Readonly<Record<string, string>> {
  return {
    ...(source === undefined ? {} : { [`${prefix}.source`]: source }),
    ...(revision === undefined ? {} : { [`${prefix}.revision`]: revision }),
  }
}
