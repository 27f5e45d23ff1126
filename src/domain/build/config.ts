import type { Digest } from '../../base/digest.ts'
import type { ContainerConfig, HistoryEntry, ImageConfig, Platform } from '../oci/types.ts'
import { noEntrypoint } from './errors.ts'
import { portOf, type Settings, userOf } from './settings.ts'

/** A layer as the configuration knows it. */
export interface ConfiguredLayer {
  /** Of the layer's tar, uncompressed. */
  readonly diffId: Digest
  /** What it holds and how it was made, for `docker history`. */
  readonly createdBy: string
}

export interface ConfigOptions {
  readonly platform: Platform
  readonly base?: ImageConfig | undefined
  readonly container: ContainerConfig
  readonly layers: readonly ConfiguredLayer[]
  /** Seconds since 1970. */
  readonly created: number
}

/** The configuration of an image: the base's own, its layers and history untouched, then ours. */
export function imageConfig({ platform, base, container, layers, created }: ConfigOptions): ImageConfig {
  const time = formatTime(created)
  const history = layers.map(({ createdBy }) => ({ created: time, created_by: createdBy }))
  const joined = historyOf(base, history)
  return {
    ...base,
    ...platform,
    created: time,
    config: container,
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)] },
    ...(joined === undefined ? {} : { history: joined }),
  }
}

/** What a container runs: the base's, with what was set. @throws SW-BUILD-NO-ENTRYPOINT, SW-BUILD-ROOT-USER */
export function containerConfig(base: ContainerConfig, settings: Settings): ContainerConfig {
  // As in a Dockerfile: a new entrypoint makes the old arguments meaningless.
  const { Entrypoint, Cmd, ...rest } = base
  const entrypoint = settings.entrypoint ?? Entrypoint ?? []
  const cmd = settings.cmd ?? (settings.entrypoint === undefined ? Cmd : undefined) ?? []
  if (entrypoint.length + cmd.length === 0) {
    throw noEntrypoint('Neither entrypoint nor cmd is set, and the base has none.', {
      hint: 'Set what to start: entrypoint: ["/app/server"]',
    })
  }
  const ports = Object.fromEntries(settings.ports.map((port) => [portOf(port) ?? port, {}]))
  const labels = { ...base.Labels, ...settings.labels }
  const env = mergeEnv(base.Env ?? [], settings.env)
  return {
    ...rest,
    User: userOf(settings, base.User),
    ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
    ...(cmd.length === 0 ? {} : { Cmd: cmd }),
    ...(env.length === 0 ? {} : { Env: env }),
    ...(settings.workdir === undefined ? {} : { WorkingDir: settings.workdir }),
    ...(settings.ports.length === 0 ? {} : { ExposedPorts: { ...base.ExposedPorts, ...ports } }),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }),
    ...(settings.stopSignal === undefined ? {} : { StopSignal: settings.stopSignal }),
  }
}

/** JSON with sorted keys and no blanks: equal values are equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Seconds since 1970 as RFC 3339. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** A base without a history has none for its layers: ours alone would be taken for theirs. */
function historyOf(base: ImageConfig | undefined, ours: readonly HistoryEntry[]): readonly HistoryEntry[] | undefined {
  if (base?.history === undefined && (base?.rootfs.diff_ids.length ?? 0) > 0) return undefined
  return [...(base?.history ?? []), ...ours]
}

/** The base's variables stay at their places, with new values where they are given; new ones follow. */
function mergeEnv(base: readonly string[], given: Readonly<Record<string, string>>): readonly string[] {
  const nameOf = (entry: string): string => entry.slice(0, Math.max(0, entry.indexOf('=')))
  const known = new Set(base.map(nameOf))
  const kept = base.map((entry) => (Object.hasOwn(given, nameOf(entry)) ? `${nameOf(entry)}=${given[nameOf(entry)]}` : entry))
  const added = Object.entries(given).filter(([name]) => !known.has(name))
  return [...kept, ...added.map(([name, value]) => `${name}=${value}`)]
}
