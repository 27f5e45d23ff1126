import * as v from 'valibot'
import { sources } from '../finding.ts'
import { reportUnknown } from './errors.ts'
import type { Report } from './report.ts'
import { aliasesAmong, digestsIn, listOf, name, optionalName, optionalWord, prose, shaped, summaryOf, word } from './shape.ts'

const claim = v.object({
  source: v.picklist(sources),
  id: name,
  severities: listOf(v.object({ type: name, value: name }), 50),
  fixed: v.optional(word),
  modified: optionalWord,
  status: v.optional(name),
  published: v.optional(word),
})
const finding = v.object({
  id: name,
  aliases: listOf(name, 1000),
  summary: v.nullish(prose, ''),
  purl: word,
  package: v.object({ name, version: optionalName }),
  subject: v.object({ digest: word }),
  state: v.picklist(['affected', 'undetermined']),
  why: v.optional(word),
  fixed: listOf(name, 1000),
  locations: listOf(v.object({ path: word, layer: v.optional(word) }), 100_000),
  claims: v.pipe(v.array(claim), v.minLength(1), v.maxLength(1000)),
})
const document = v.object({
  subject: word,
  databaseDate: v.nullish(word),
  findings: listOf(finding),
  left: v.nullish(v.number(), 0),
  unscanned: listOf(v.object({ what: word, why: word })),
})

/** Reads the output `report` of another scan of ours, with the claims of each source. @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID */
export function readSlipway(value: object, where: string): Report {
  const version: unknown = Reflect.get(value, 'schemaVersion')
  if (typeof version !== 'string' || !/^1\.\d+$/.test(version))
    throw reportUnknown(`${where} is a report of Slipway of version ${JSON.stringify(version)}, expected 1.x.`)
  const { subject, databaseDate, findings, left, unscanned } = shaped(document, value, where)
  const cut = left === 0 ? [] : [{ what: where, why: `${left} findings were left out of this report` }]
  return {
    ...{ source: 'osv', program: 'slipway', date: databaseDate ?? '', written: '' },
    about: { digests: digestsIn([subject]), diffIds: [] },
    reported: findings.map(({ purl, package: one, subject: about, why, locations, claims, aliases, summary, ...rest }) => ({
      ...rest,
      ...(why === undefined ? {} : { why }),
      ...{ aliases: aliasesAmong(aliases, rest.id), summary: summaryOf(summary), digests: digestsIn([about.digest]) },
      package: { ...one, purl },
      locations: locations.map(({ path, layer }) => {
        const [known] = digestsIn([layer ?? ''])
        return { path, ...(known === undefined ? {} : { layer: known }) }
      }),
      claims: claims.map(({ status, published, fixed, ...said }) => ({
        ...said,
        fixed,
        ...(status === undefined ? {} : { status }),
        ...(published === undefined ? {} : { published }),
      })),
    })),
    unscanned: [...cut, ...unscanned],
    covers: { system: true, languages: true },
  }
}
