import * as v from 'valibot'
import { Refused, reasons } from '../sigstore/verify/reasons.ts'
import { parseStrictJson } from '../sigstore/verify/strict-json.ts'
import { vexInvalid } from './errors.ts'
import { type Status, type VexComponent, vexSchema } from './schema.ts'

/** One statement of a document, with what it takes from the document. */
export interface VexStatement {
  /** All names of the vulnerability. */
  readonly names: readonly string[]
  readonly products: readonly VexComponent[]
  readonly status: Status
  /** The justification, the impact statement, or the notes; empty where there is none. */
  readonly reason: string
  readonly author: string
  /** When it was last said, milliseconds since 1970: of two about the same thing the newer counts. */
  readonly time: number
  /** The file and the number of the statement in it. */
  readonly origin: string
}

/** What a clock may be wrong by. */
const skew = 86_400_000

/** Reads an OpenVEX document; `where` names it, `now` is in milliseconds since 1970. @throws SW-VEX-INVALID */
export function parseVex(bytes: Uint8Array, where: string, now: number): readonly VexStatement[] {
  const parsed = v.safeParse(vexSchema, jsonOf(bytes, where), { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw vexInvalid(`${where}: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
  }
  const { author, statements, ...document } = parsed.output
  return statements.map((one, at) => {
    const origin = `${where}, statement ${at + 1}`
    const { vulnerability, products, status, justification, impact_statement: impact, status_notes: notes } = one
    const said = one.last_updated ?? one.timestamp ?? document.last_updated ?? document.timestamp
    if (Date.parse(said) > now + skew) throw vexInvalid(`${origin} is of ${said}, which is in the future.`)
    if (status === 'not_affected' && justification === undefined && impact === undefined)
      throw vexInvalid(`${origin} says not_affected of ${vulnerability.name}, and neither a justification nor an impact statement why.`)
    if (products.length === 0) throw vexInvalid(`${origin} about ${vulnerability.name} names no product.`)
    return {
      names: [...new Set([vulnerability.name, ...vulnerability.aliases, ...idOf(vulnerability['@id'])])],
      ...{ products, status, author, time: Date.parse(said), origin, reason: justification ?? impact ?? notes ?? '' },
    }
  })
}

/** The identifier is an address whose last part is the name: `https://nvd.nist.gov/vuln/detail/CVE-2023-12345`. */
function idOf(id: string | undefined): readonly string[] {
  const last = id?.split('/').at(-1)
  return last === undefined || !/^[A-Za-z]+-[\w.:-]+$/.test(last) ? [] : [last]
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown
    const { code, got } = thrown.reason
    throw vexInvalid(`${where} cannot be read, ${code}: ${got ?? reasons[code]}.`)
  }
}
