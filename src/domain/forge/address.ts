import type { Address } from '../git/address.ts'
import { forgeUnknown } from './errors.ts'

/** Forgejo speaks what Gitea speaks. */
export const forgeKinds = ['github', 'gitlab', 'gitea'] as const
export type ForgeKind = (typeof forgeKinds)[number]

/** Where the API of a repository's forge is, and what the repository is called there. */
export interface ForgeAddress {
  readonly kind: ForgeKind
  /** Without a final slash. */
  readonly api: string
  /** `owner/name`; on GitLab with all groups: `group/subgroup/name`. */
  readonly project: string
}

/** Forges whose names say what they are. */
const known: readonly (readonly [RegExp, ForgeKind])[] = [
  [/^(?:www\.)?github\.com$|^[\w-]+\.ghe\.com$|^github\./, 'github'],
  [/^gitlab\./, 'gitlab'],
  [/^codeberg\.org$|^(?:gitea|forgejo)\./, 'gitea'],
]

/** The forge of a repository by its address; what the caller names wins. @throws SW-FORGE-UNKNOWN */
export function forgeOf(
  address: Address,
  { kind: given, api }: { readonly kind?: ForgeKind | undefined; readonly api?: string | undefined } = {},
): ForgeAddress {
  const { origin, host, path } = placeOf(address)
  const kind = given ?? known.find(([pattern]) => pattern.test(host))?.[1]
  if (kind === undefined) throw forgeUnknown(`It is not known what serves ${address.url}, expected GitHub, GitLab or Gitea.`)
  const parts = path.split('/').filter((part) => part !== '')
  if (parts.length < 2) throw forgeUnknown(`${address.url} names no project, expected owner/name at its end.`)
  // Only GitLab has groups in groups: elsewhere the rest is where the server was put.
  const project = kind === 'gitlab' ? parts : parts.slice(-2)
  const root = [origin, ...parts.slice(0, parts.length - project.length)].join('/')
  return { kind, api: (api ?? apiOf(kind, { root, host })).replace(/\/+$/, ''), project: project.join('/') }
}

function apiOf(kind: ForgeKind, { root, host }: { readonly root: string; readonly host: string }): string {
  if (kind === 'gitlab') return `${root}/api/v4`
  if (kind === 'gitea') return `${root}/api/v1`
  if (/^(?:www\.)?github\.com$/.test(host)) return 'https://api.github.com'
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `${root}/api/v3`
}

/** The host that serves pages is taken to be the one that ssh goes to. */
function placeOf({ url, scheme, origin }: Address): { readonly origin: string; readonly host: string; readonly path: string } {
  if (scheme === 'file') throw forgeUnknown(`${url} is a folder, which has no pull requests and no API.`, { hint: 'Set `mode` to push.' })
  const parsed = URL.parse(url)
  if (scheme !== 'ssh' || url.startsWith('ssh://')) {
    const { hostname = '', pathname = '' } = parsed ?? {}
    return { origin: origin ?? `https://${hostname}`, host: hostname.toLowerCase(), path: withoutGit(pathname) }
  }
  const [, host = '', path = ''] = /^(?:[^@:/]*@)?(\[[^\]]*\]|[^:/]*):(.*)$/.exec(url) ?? []
  return { origin: `https://${host}`, host: host.toLowerCase(), path: withoutGit(path) }
}

function withoutGit(path: string): string {
  return decodeURIComponent(path.replace(/\/+$/, '').replace(/\.git$/, ''))
}
