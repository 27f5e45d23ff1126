import * as v from 'valibot'
import { messageOf } from '../../../base/errors.ts'
import { feedInvalid } from '../errors.ts'

/** CISA's catalogue of known exploited vulnerabilities. */
export interface Kev {
  /** RFC 3339. */
  readonly date: string
  readonly version: string
  readonly entries: ReadonlyMap<string, { readonly added: string; readonly due?: string; readonly ransomware: boolean }>
}

const most = 32 * 2 ** 20
const day = v.pipe(v.string(), v.isoDate())
const catalogue = v.object({
  catalogVersion: v.pipe(v.string(), v.maxLength(100)),
  dateReleased: v.pipe(
    v.string(),
    v.check((text) => Number.isFinite(Date.parse(text)), 'expected a time'),
  ),
  vulnerabilities: v.pipe(
    v.array(
      v.object({
        cveID: v.pipe(v.string(), v.regex(/^CVE-\d{4}-\d{1,19}$/)),
        dateAdded: day,
        dueDate: v.nullish(day),
        knownRansomwareCampaignUse: v.nullish(v.string()),
      }),
    ),
    v.minLength(1),
    v.maxLength(100_000),
  ),
})

/** Reads the catalogue in CISA's JSON; `where` names it. @throws SW-ADVISORIES-FEED */
export async function readKev(source: AsyncIterable<Uint8Array>, where: string): Promise<Kev> {
  const parsed = v.safeParse(catalogue, await jsonOf(source, where), { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw feedInvalid(`${where}: ${v.getDotPath(issue) ?? 'the catalogue'}: ${issue.message}.`)
  }
  const { catalogVersion: version, dateReleased, vulnerabilities } = parsed.output
  const entries = vulnerabilities.map(({ cveID, dateAdded: added, dueDate, knownRansomwareCampaignUse }) => {
    const ransomware = knownRansomwareCampaignUse?.toLowerCase() === 'known'
    return [cveID, { added, ...(dueDate === undefined || dueDate === null ? {} : { due: dueDate }), ransomware }] as const
  })
  return { date: new Date(dateReleased).toISOString(), version, entries: new Map(entries) }
}

async function jsonOf(source: AsyncIterable<Uint8Array>, where: string): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of source) {
    size += piece.length
    if (size > most) throw feedInvalid(`${where} has more than ${most} bytes.`)
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch (cause) {
    throw feedInvalid(`${where} is not JSON: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
}
