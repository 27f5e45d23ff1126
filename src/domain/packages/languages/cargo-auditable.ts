import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import * as v from 'valibot'
import type { Cataloguer, Draft } from '../cataloguer.ts'
import { wholeBytes } from '../cataloguer.ts'
import { sectionOf } from '../sections.ts'

/** The section of a program of Rust that names its crates, if it was built with cargo-auditable. */
export const auditableSection = '.dep-v0'

const crate = v.object({
  name: v.string(),
  version: v.string(),
  source: v.optional(v.string()),
  kind: v.optional(v.string()),
  dependencies: v.optional(v.array(v.number()), []),
})
const document = v.object({ packages: v.pipe(v.array(crate), v.maxLength(100_000)) })
const most = { program: 512 * 2 ** 20, list: 16 * 2 ** 20 } as const
const unpacked = promisify(inflate)

/** Programs that have that section: JSON, compressed by zlib (cargo-auditable, PARSING.md). They are read whole, as the table of sections ends a file. */
export const cargoAuditable: Cataloguer = {
  wants: () => true,
  read: async (file, body) => {
    const section = sectionOf(await wholeBytes(file, body, most.program), auditableSection)
    if (section === undefined) return { packages: [] }
    const json = await unpacked(section, { maxOutputLength: most.list })
    const { packages } = v.parse(document, JSON.parse(json.toString('utf8')), { abortEarly: true })
    return { packages: packages.flatMap((one, place) => draftsOf(one, place)) }
  },
}

/** What only the build used is not in the program. */
function draftsOf({ name, version, kind, dependencies }: v.InferOutput<typeof crate>, place: number): readonly Draft[] {
  if (kind === 'build') return []
  const needs = dependencies.map(String)
  return [{ type: 'cargo', name, version, key: String(place), licenses: [], ...(needs.length === 0 ? {} : { needs }) }]
}
