/** What a task of the road needs of a robot in Harbor, and what it would only tell more by. */
export interface Preset {
  /** What it lets a robot do, for a table. */
  readonly does: string
  /** Without any of these the task fails. */
  readonly needs: readonly string[]
  /** Without any of these it says less, or cannot know before what it will meet. */
  readonly tells: readonly string[]
}

const checking = [
  ...(['immutable-tag:list', 'label:list', 'member:list', 'notification-policy:list', 'project:read', 'robot:list'] as const),
] as const
const applying = [
  ...(['immutable-tag:create', 'immutable-tag:list', 'immutable-tag:update', 'label:create', 'label:list', 'label:update'] as const),
  ...(['notification-policy:create', 'notification-policy:list', 'notification-policy:update', 'project:read', 'project:update'] as const),
] as const

/**
 * The least that each task needs in a project, as tried right by right at a Harbor 2.15.2. Push holds pull there; to ask for a scan
 * is not to read its report.
 */
export const presets = {
  pull: { does: 'pull, as a cluster does', needs: ['repository:pull'], tells: [] },
  verify: { does: '`verify`', needs: ['repository:pull'], tells: [] },
  'promote-from': { does: '`promote`, the repository it copies from', needs: ['repository:pull'], tells: [] },
  push: { does: '`push` of an image or a chart', needs: ['repository:push'], tells: [] },
  label: {
    does: 'labels of `push`, beside the preset push',
    needs: ['artifact-label:create', 'artifact:read', 'label:create', 'label:list'],
    tells: [],
  },
  sign: { does: '`sign`', needs: ['repository:push'], tells: ['accessory:list'] },
  attest: { does: '`attest`', needs: ['repository:push'], tells: ['accessory:list'] },
  tag: { does: '`tag`', needs: ['repository:push'], tells: [] },
  'promote-to': { does: '`promote`, the repository it copies to', needs: ['repository:push'], tells: [] },
  scan: {
    does: '`scan` with `source: harbor`',
    needs: ['artifact-addition:read', 'artifact:read', 'scan:create'],
    tells: ['scan:read', 'scanner:read'],
  },
  'harbor-sbom': {
    does: 'an SBOM made by Harbor’s scanner',
    needs: ['artifact-addition:read', 'artifact:read', 'sbom:create'],
    tells: ['scan:read', 'scanner:read'],
  },
  preflight: {
    does: 'what is looked at before a push',
    needs: [],
    tells: ['artifact:read', 'project:read', 'quota:read', 'robot:list', 'scanner:read'],
  },
  'harbor-project-check': {
    does: '`harbor-project` with `mode: plan` or `check`: metadata, CVE allowlist, quota, labels, immutability, webhooks, members, robots',
    needs: checking,
    tells: ['quota:read'],
  },
  'harbor-project-apply': {
    does: 'the same with `mode: apply`, but members, robots and `prune`; a quota is a system administrator’s',
    needs: applying,
    tells: [],
  },
  rotate: {
    does: 'rotation of robots that may do no more than this one',
    needs: ['project:read', 'robot:create', 'robot:delete', 'robot:list', 'robot:read', 'robot:update'],
    tells: [],
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets

export const presetNames = Object.keys(presets).filter(isPresetName)

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}

/** All rights of some presets, each once, in order. */
export function rightsFor(names: readonly PresetName[]): readonly string[] {
  return [...new Set(names.flatMap((name): readonly string[] => [...presets[name].needs, ...presets[name].tells]))].toSorted()
}
