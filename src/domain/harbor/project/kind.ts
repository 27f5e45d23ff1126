import type { Harbor } from '../client.ts'
import type { HarborAccount } from '../login.ts'
import type { RobotHome } from '../robots/robots.ts'
import type { RobotSettings } from '../robots/settings.ts'
import type { Quota } from './calls.ts'
import type { ProjectFile, ProjectSettings } from './schema.ts'
import type { WireProject } from './wire.ts'

/** What can be wanted of a project, in the order in which it is written. */
export const projectKinds = [
  ...(['project', 'proxy-cache', 'metadata', 'quota', 'cve-allowlist', 'members', 'groups', 'labels'] as const),
  ...(['immutability', 'retention', 'webhooks', 'preheat', 'robots'] as const),
] as const
/** What belongs to no project. */
export const systemKinds = ['registries', 'replication'] as const

export type KindName = (typeof projectKinds)[number] | (typeof systemKinds)[number]

/** A setting as data that compares by JSON, its keys in one order; undefined is not there. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** What the file says of one setting. Of a map only what it names is wanted; the rest stays as it is in Harbor. */
export interface Wanted {
  /** What it is known by in its kind: `alice`, `severity`; empty where there is but one. */
  readonly name: string
  readonly value: Value
  /** In the file, below its project: `['members', 'alice']`. */
  readonly path: readonly (string | number)[]
}

/** A setting that Harbor has. */
export interface Found {
  readonly value: Value
  /** What Harbor calls it by, where that is not its name. */
  readonly id?: number | undefined
}

export type Action = 'create' | 'update' | 'delete' | 'unchanged'

/** From what Harbor has to what the file wants. */
export interface Step {
  readonly action: Action
  readonly name: string
  readonly before: Value | undefined
  readonly after: Value | undefined
  readonly found: Found | undefined
  readonly path: readonly (string | number)[]
}

export type Steps = readonly [Step, ...Step[]]

/** Harbor, and who we are there. */
export interface Place {
  /** Whether we have made it just now. */
  readonly isNew?: boolean
  /** Of the project; undefined for what belongs to none. */
  readonly name?: string
  readonly harbor: Harbor
  readonly account: HarborAccount
  readonly file: ProjectFile
  readonly secrets: Secrets
  /** Milliseconds since 1970: what has expired by then is out of use. */
  readonly time: number
  readonly makeRobot?: RobotMaker | undefined
  /** Told of each setting that the file does not name, `prune` does, and which stays all the same: `shop › members › alice`. */
  readonly leave?: ((setting: string) => void) | undefined
}

/** A project that is there. */
export interface ProjectPlace extends Place {
  readonly name: string
  readonly project: WireProject
  /** Where it is known already. */
  readonly quota?: Quota | undefined
}

/** Makes a robot that is not there, and hands its secret to who keeps it. Without it none can be made. */
export type RobotMaker = (home: RobotHome, name: string, settings: RobotSettings) => Promise<void>

/** What the file names as `{ secret: NAME }`. */
export type Secrets = ReadonlyMap<string, string>

/** One kind of settings: how the file says it, how Harbor does, and how it is changed there. */
export interface Kind<P extends Place = ProjectPlace, S = ProjectSettings> {
  readonly name: KindName
  /** Fields whose values are never shown. */
  readonly secret?: readonly string[]
  /** A value for people. Default: as the file would have it. */
  readonly show?: (value: Value) => string
  /** Whether a new project has none of it, so that the first writing needs no reading; who was faster is a conflict. */
  readonly startsEmpty?: boolean
  /** Whether all changes are one call. Default: each is its own. */
  readonly isWhole?: boolean
  /** What may be deleted of what was found, where `prune` names the kind: all but what this refuses. Default: nothing is. */
  readonly canRemove?: (name: string, place: P, found: ReadonlyMap<string, Found>) => boolean
  /** Undefined where the file has no word on it. */
  wanted(settings: S, secrets: Secrets): readonly Wanted[] | undefined
  read(place: P): Promise<ReadonlyMap<string, Found>>
  /** One step, or where the kind is whole all of them. */
  write(place: P, steps: Steps): Promise<void>
  /** The section of a file that wants what was found. */
  exported(found: ReadonlyMap<string, Found>): unknown
}
