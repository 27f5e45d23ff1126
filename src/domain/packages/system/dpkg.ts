import { type Draft, wholeFile } from '../cataloguer.ts'
import { paragraphs } from './paragraphs.ts'

/** dpkg's status file, and the ones of single packages that distroless images have in `status.d`. */
export const dpkg = wholeFile({
  limit: 128 * 2 ** 20,
  wants: (path) => path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path),
  read: (bytes, path) => {
    if (path.endsWith('.md5sums')) return { packages: [] }
    return { packages: parseStatus(bytes.toString('utf8'), { alwaysInstalled: path.includes('status.d/') }) }
  },
})

/** The packages that are installed, also half; what was removed and left its configuration is not. */
export function parseStatus(text: string, { alwaysInstalled }: { readonly alwaysInstalled: boolean }): readonly Draft[] {
  const packages: Draft[] = []
  for (const fields of paragraphs(text)) {
    const [name, version] = [fields.get('package'), fields.get('version')]
    if (!name || !version) continue
    if (!alwaysInstalled && !isInstalled(fields.get('status'))) continue
    packages.push(draftOf(name, version, fields))
  }
  return packages
}

function draftOf(name: string, version: string, fields: ReadonlyMap<string, string>): Draft {
  const [arch, needs, provides] = [fields.get('architecture'), needsOf(fields), namesOf(fields.get('provides'))]
  return {
    type: 'deb',
    name,
    version,
    source: sourceOf(fields.get('source'), name, version),
    ...(arch === undefined ? {} : { arch }),
    licenses: [],
    ...(needs.length === 0 ? {} : { needs }),
    ...(provides.length === 0 ? {} : { provides }),
  }
}

/** The last of `install ok installed` is the state (dpkg(1)); files are there from `unpacked` on. */
function isInstalled(status: string | undefined): boolean {
  const state = status?.split(/\s+/)[2]
  return state !== undefined && !['not-installed', 'config-files'].includes(state)
}

/** `Source: glibc (2.36-9)`: the version only where it differs from the package's own. */
function sourceOf(written: string | undefined, name: string, version: string): { name: string; version: string } {
  const [, sourceName, sourceVersion] = /^([^\s(]+)(?:\s+\(([^)]+)\))?/.exec(written ?? '') ?? []
  return { name: sourceName ?? name, version: sourceVersion ?? version }
}

function needsOf(fields: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...namesOf(fields.get('pre-depends')), ...namesOf(fields.get('depends'))])]
}

/** `libc6 (>= 2.36), a | b`: names without versions and architectures; of alternatives all, since any may be there. */
function namesOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(/[,|]/)
    .map((one) => one.trim().split(/[\s(:[]/)[0] ?? '')
    .filter((one) => one !== '')
}
