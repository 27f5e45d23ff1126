import type { Address } from './address.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface GitSettings {
  /** Absolute: the work tree; `.git` is in it. */
  readonly folder: string
  readonly address: Address
  readonly credentials?: Credentials | undefined
  /** Variables for ssh that the caller's environment gives. */
  readonly ssh: Readonly<Record<string, string | undefined>>
}

/** What `authorization` carries for these credentials (RFC 7617). */
export function basic({ username, password }: Credentials): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

/**
 * The environment that git runs in: no configuration but ours, no prompt, no hooks, no protocol but those that the address calls
 * for. Credentials are here and nowhere else (no argument, no address, no file), for the one origin that they are meant for.
 */
export function gitEnvironment(settings: GitSettings): Readonly<Record<string, string>> {
  const { folder, address, ssh } = settings
  const config = configuration(settings)
  return {
    // Named, so that a folder which is no repository yet is never taken for a part of one above it.
    GIT_DIR: `${folder}/.git`,
    GIT_WORK_TREE: folder,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: protocols[address.scheme],
    // What git says is read here to tell one failure from another.
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], place) => [
        [`GIT_CONFIG_KEY_${place}`, key],
        [`GIT_CONFIG_VALUE_${place}`, value],
      ]),
    ),
    ...Object.fromEntries(Object.entries(ssh).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  }
}

/** A submodule may use https too, but never what is weaker or more local than the repository that names it. */
const protocols: Readonly<Record<Address['scheme'], string>> = {
  https: 'https',
  http: 'http:https',
  ssh: 'ssh:https',
  file: 'file:https',
}

function configuration({ folder, address, credentials }: GitSettings): readonly (readonly [key: string, value: string])[] {
  return [
    // The volume of a workspace often belongs to root.
    ['safe.directory', folder],
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['credential.helper', ''],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['advice.detachedHead', 'false'],
    ['init.defaultBranch', 'main'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '60'],
    ...(credentials === undefined || address.origin === undefined
      ? []
      : ([
          [`http.${address.origin}/.extraHeader`, `Authorization: Basic ${basic(credentials)}`],
          // A header of ours would go along to wherever a redirect leads.
          ['http.followRedirects', 'false'],
        ] as const)),
  ]
}
