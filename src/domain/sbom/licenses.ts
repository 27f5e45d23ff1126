import parse, { type Info } from 'spdx-expression-parse'
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import identifiers from 'spdx-license-ids/index.json' with { type: 'json' }

const byLowerCase: ReadonlyMap<string, string> = new Map([...identifiers, ...deprecated].map((one) => [one.toLowerCase(), one]))

/** In characters: what is longer is a licence in full rather than an expression. */
const mostExpression = 1000

/** A text as the identifier of the SPDX licence list that it is, letters of either case; undefined for any other. */
export function licenseId(text: string): string | undefined {
  return byLowerCase.get(text.trim().toLowerCase())
}

/** Whether a text is an SPDX expression (SPDX 2.3, annex D) of listed identifiers alone; `(MIT OR Apache-2.0)`, `GPL-2.0-or-later`. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > mostExpression) return false
  try {
    return isListed(parse(text))
  } catch {
    return false
  }
}

/** A `LicenseRef-` means what its own document says, and that is left behind. */
function isListed(info: Info): boolean {
  if ('conjunction' in info) return isListed(info.left) && isListed(info.right)
  return licenseId(info.license) !== undefined
}
