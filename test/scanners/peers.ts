/** What syft and trivy find in the same layout or folder, in a form in which package lists can be compared. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Inventory, PackageType } from '../../src/domain/packages/package.ts'
import { output } from '../real/program.ts'

export type Peer = 'syft' | 'trivy'

/** Lists of type, name and version, sorted, each once. */
export type Listed = readonly string[]

const types: ReadonlySet<string> = new Set<PackageType>([
  'deb',
  'apk',
  'rpm',
  'npm',
  'pypi',
  'golang',
  'maven',
  'cargo',
  'nuget',
  'gem',
  'composer',
])

export function ours({ packages }: Inventory): Listed {
  return listOf(packages.map(({ purl }) => purl))
}

/** `what` is a layout or a folder with lock files; `cache` a folder of its own for trivy. */
export async function theirs(peer: Peer, what: { readonly layout?: string; readonly tree?: string }, cache: string): Promise<Listed> {
  const { components = [] } = JSON.parse(await output(peer === 'syft' ? syft(what) : trivy(what, cache))) as {
    readonly components?: readonly { readonly purl?: string }[]
  }
  return listOf(components.flatMap(({ purl }) => purl ?? []))
}

function syft({ layout, tree }: Parameters<typeof theirs>[1]): readonly string[] {
  return ['syft', '--quiet', layout === undefined ? `dir:${tree}` : `oci-dir:${layout}`, '--output', 'cyclonedx-json']
}

/** Without a database of advisories; with one of Java archives that has none, as trivy asks for one. */
function trivy({ layout, tree }: Parameters<typeof theirs>[1], cache: string): readonly string[] {
  const java = join(cache, 'java-db')
  mkdirSync(java, { recursive: true })
  const day = (year: number): string => `${year}-01-01T00:00:00Z`
  writeFileSync(
    join(java, 'metadata.json'),
    JSON.stringify({ Version: 1, NextUpdate: day(2099), UpdatedAt: day(2026), DownloadedAt: day(2026) }),
  )
  using database = new DatabaseSync(join(java, 'trivy-java.db'))
  database.exec(`CREATE TABLE IF NOT EXISTS artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
    CREATE TABLE IF NOT EXISTS indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT, license TEXT);`)
  const subject = layout === undefined ? ['fs', tree ?? ''] : ['image', '--input', layout]
  const options = ['--format=cyclonedx', '--offline-scan', '--skip-db-update', '--skip-java-db-update', `--cache-dir=${cache}`]
  return ['trivy', '--quiet', ...subject, ...options]
}

/**
 * Package URLs without what each writes differently for the same fact: an epoch of dpkg as a qualifier (trivy), names of PyPI as they are
 * written rather than normalised, letters of either case, the `v` before the version of Go itself.
 */
function listOf(purls: readonly string[]): Listed {
  const listed = purls.flatMap((purl) => {
    const [, type = '', path = '', version = '', query = ''] = /^pkg:([^/]+)\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?/.exec(purl) ?? []
    if (!types.has(type)) return []
    const name = decodeURIComponent(path).toLowerCase()
    const epoch = new URLSearchParams(query).get('epoch')
    const whole = decodeURIComponent(version).replace(name === 'stdlib' ? /^v/ : /^$/, '')
    const dated = type === 'deb' && epoch !== null && !whole.includes(':') ? `${epoch}:${whole}` : whole
    return [`${type} ${type === 'pypi' ? name.replace(/[-_.]+/g, '-') : name} ${dated === '(devel)' ? '' : dated}`.trim()]
  })
  return [...new Set(listed)].toSorted()
}
