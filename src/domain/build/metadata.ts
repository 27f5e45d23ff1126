import type { Digest } from '../../base/digest.ts'
import { type Base, type BaseName, nameOfBase } from './base.ts'
import { baseNeeded, noEntrypoint } from './errors.ts'
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
  const inBase = base.config?.config?.Env ?? []
  requireVersion(plan, { inBase, baseName })
  const known = new Set(inBase.map((entry) => entry.split('=')[0]))
  const proposed = Object.fromEntries(Object.entries(plan.env).filter(([name]) => !known.has(name)))
  return {
    ...settings,
    ...startOf(settings, { plan, base, baseName }),
    workdir: settings.workdir ?? plan.workdir,
    env: { ...base.env, ...proposed, ...settings.env },
    labels: { ...origin(source, revision), ...base.labels, ...settings.labels },
  }
}

/** Official images say in a variable which version of their language they have. */
function requireVersion({ needs }: Plan, { inBase, baseName }: { readonly inBase: readonly string[]; readonly baseName: BaseName }): void {
  if (needs === undefined) return
  const { variable, version } = needs
  const seen = inBase.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1)
  if (seen === undefined || seen === version || seen.startsWith(`${version}.`)) return
  throw baseNeeded(`The base ${nameOfBase(baseName)} has ${variable}=${seen}, and the project’s packages are installed for ${version}.`, {
    hint: `Choose a base with ${version}, or install the packages with ${seen}.`,
  })
}

function startOf(settings: Settings, { plan: { start }, base, baseName }: Settled): Pick<Settings, 'entrypoint' | 'cmd'> {
  if (start === undefined || settings.entrypoint !== undefined || settings.cmd !== undefined) return {}
  if ('program' in start) return { entrypoint: start.program }
  const started = base.startWith?.(start.runtime, start.args)
  if (started !== undefined) return started
  const { runtime, args } = start
  throw noEntrypoint(`The base ${nameOfBase(baseName)} has no ${runtime} to start ${args.join(' ')} with.`, {
    hint: `Set base: ${runtime === 'node' ? 'node-runtime, or ' : ''}an image that has ${runtime}.`,
  })
}

/** The annotations and labels that say where the sources come from. */
export function origin(source: string | undefined, revision: string | undefined): Readonly<Record<string, string>> {
  return {
    ...(source === undefined ? {} : { [`${prefix}.source`]: source }),
    ...(revision === undefined ? {} : { [`${prefix}.revision`]: revision }),
  }
}
