import { wholeFile } from '../cataloguer.ts'
import type { Distro } from '../package.ts'

const paths = new Set(['etc/os-release', 'usr/lib/os-release'])

/** `os-release` (os-release(5)): the distribution of an image. */
export const osRelease = wholeFile({
  limit: 64 * 1024,
  wants: (path) => paths.has(path),
  read: (bytes) => {
    const distro = parseOsRelease(bytes.toString('utf8'))
    return { packages: [], ...(distro === undefined ? {} : { distro }) }
  },
})

/** Undefined when it names no distribution. A rolling one without VERSION_ID has the version `''`. */
export function parseOsRelease(text: string): Distro | undefined {
  const values = new Map(text.split('\n').flatMap(assignment))
  const id = values.get('ID')?.toLowerCase()
  if (id === undefined || id === '') return undefined
  const [codename, prettyName] = [values.get('VERSION_CODENAME'), values.get('PRETTY_NAME')]
  return {
    id,
    version: values.get('VERSION_ID') ?? '',
    ...(codename === undefined ? {} : { codename }),
    ...(prettyName === undefined ? {} : { prettyName }),
  }
}

/** A line of shell: a value may stand in quotes, with `\` before what means something in them. */
function assignment(line: string): readonly (readonly [string, string])[] {
  const [, name, raw = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(line.trim()) ?? []
  if (name === undefined) return []
  const quoted = /^(["'])(.*)\1$/s.exec(raw)?.[2]
  return [[name, (quoted ?? raw).replace(/\\([\\"'$`])/g, '$1')]]
}
