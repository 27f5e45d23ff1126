import { type Draft, wholeFile } from '../cataloguer.ts'
import { headers } from '../headers.ts'

/** What pip and the distributions leave beside an installed package (core metadata, PEP 566 and its successors). */
export const pythonPackage = wholeFile({
  limit: 16 * 2 ** 20,
  wants: (path) => /(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|\.egg-info|\/EGG-INFO\/PKG-INFO)$/.test(path),
  read: (bytes) => ({ packages: draftsOf(bytes.toString('utf8')) }),
})

function draftsOf(text: string): readonly Draft[] {
  const fields = headers(text)
  const [name, version] = [fields.get('name')?.[0], fields.get('version')?.[0]]
  if (!name || !version) return []
  const needs = (fields.get('requires-dist') ?? []).flatMap(needOf)
  return [
    {
      type: 'pypi',
      name: normalized(name),
      version,
      licenses: licensesOf(fields),
      ...(needs.length === 0 ? {} : { needs }),
    },
  ]
}

/** `idna (<4,>=2.5) ; extra == 'x'`: what only an extra asks for is no need. */
function needOf(requirement: string): readonly string[] {
  const name = requiredName(requirement)
  const marker = requirement.indexOf(';')
  return name === undefined || (marker >= 0 && /\bextra\s*==/.test(requirement.slice(marker))) ? [] : [name]
}

/** The licence field holds whole texts at times: only a line counts. */
function licensesOf(fields: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const declared = fields.get('license-expression')?.[0] ?? fields.get('license')?.[0]
  if (declared !== undefined && declared !== '' && declared !== 'UNKNOWN' && declared.length <= 200) return [declared]
  return (fields.get('classifier') ?? []).flatMap((one) => /^License :: (?:OSI Approved :: )?(.+)$/.exec(one)?.[1] ?? [])
}

/** The name, normalised, with which a requirement (PEP 508) begins. */
export function requiredName(requirement: string): string | undefined {
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement)?.[0]
  return name === undefined ? undefined : normalized(name)
}

/** The form in which names are compared (PEP 503). */
export function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}
