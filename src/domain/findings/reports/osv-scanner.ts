import * as v from 'valibot'
import { parseAdvisory } from '../../advisories/schema.ts'
import type { Report, Reported } from './report.ts'
import { aliasesAmong, digestsIn, listOf, name, optionalName, optionalWord, shaped } from './shape.ts'

const packaged = v.object({
  package: v.object({ name, version: optionalName, ecosystem: optionalName, os_package_name: optionalName }),
  vulnerabilities: listOf(v.looseObject({ id: name })),
  groups: listOf(v.object({ ids: listOf(name, 1000), aliases: listOf(name, 1000) })),
})
const document = v.object({
  results: listOf(v.object({ source: v.nullish(v.object({ path: optionalWord }), {}), packages: listOf(packaged) })),
  image_metadata: v.nullish(
    v.object({ layer_metadata: listOf(v.object({ diff_id: optionalWord, is_empty: v.nullish(v.boolean(), false) }), 10_000) }),
  ),
})

/**
 * Reads `osv-scanner --format json`. Of an image it says by the layers which one it is; the age of its advisories it does not say.
 * @throws SW-SCAN-REPORT-INVALID
 */
export function readOsvScanner(value: object, where: string): Report {
  const { results, image_metadata: image } = shaped(document, value, where)
  const layers = (image?.layer_metadata ?? []).filter(({ is_empty }) => !is_empty)
  return {
    ...{ source: 'osv-scanner', program: 'osv-scanner', date: '', written: '', unscanned: [], covers: { system: true, languages: true } },
    about: { digests: [], diffIds: digestsIn(layers.map(({ diff_id }) => diff_id)) },
    reported: results.flatMap(({ source, packages }) =>
      packages.flatMap((one) => one.vulnerabilities.map((record) => reportedOf(record, one, { where, path: source.path ?? '' }))),
    ),
  }
}

function reportedOf(
  record: { readonly id: string },
  { package: { name, version, ecosystem, os_package_name: installed }, groups }: v.InferOutput<typeof packaged>,
  { where, path }: { readonly where: string; readonly path: string },
): Reported {
  const { advisory } = parseAdvisory(Buffer.from(JSON.stringify(record)), `${where}: ${record.id}`, () => true)
  const { id } = record
  const named = advisory?.affected.filter((one) => one.name.toLowerCase() === name.toLowerCase()) ?? []
  // What is fixed in one release of a distribution says nothing of another.
  const ofRelease = named.filter((one) => one.ecosystem === ecosystem)
  const affected = ofRelease.length > 0 ? ofRelease : named
  const fixed = [...new Set(affected.flatMap(({ ranges }) => ranges.flatMap(({ events }) => events.flatMap((event) => event.fixed ?? []))))]
  const upstream = advisory?.upstream ?? []
  const grouped = groups.filter(({ ids }) => ids.includes(id)).flatMap(({ aliases }) => aliases)
  const own = [...(advisory?.aliases ?? []), ...(upstream.length === 1 ? upstream : [])]
  const severities = affected.flatMap((one) => one.severities)
  return {
    ...{ id, summary: advisory?.summary ?? '', state: 'affected', fixed, digests: [] },
    aliases: aliasesAmong(upstream.length > 1 ? own : [...own, ...grouped], id),
    package: { name: installed === '' ? name : installed, version },
    locations: path === '' ? [] : [{ path: path.replace(/^\/+/, '') }],
    claims: [
      {
        ...{ source: 'osv-scanner', id, modified: advisory?.modified ?? '', fixed: fixed.length === 0 ? undefined : fixed.join(', ') },
        severities: severities.length > 0 ? severities : (advisory?.severities ?? []),
      },
    ],
  }
}
