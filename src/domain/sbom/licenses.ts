import parse from 'spdx-expression-parse'
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import identifiers from 'spdx-license-ids/index.json' with { type: 'json' }

/** All identifiers of the SPDX licence list, those that are deprecated too. */
export const licenseIds: readonly string[] = [...identifiers, ...deprecated]

const byLowerCase: ReadonlyMap<string, string> = new Map(licenseIds.map((one) => [one.toLowerCase(), one]))

/** In characters: what is longer is a licence in full rather than an expression. */
const mostExpression = 1000

/** A text as the identifier of the SPDX licence list that it is, letters of either case; undefined for any other. */
export function licenseId(text: string): string | undefined {
  return byLowerCase.get(text.trim().toLowerCase())
}

/** Whether a text is an SPDX expression (SPDX 2.3, annex D) of listed identifiers alone; `(MIT OR Apache-2.0)`, `GPL-2.0-or-later`. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > mostExpression) return false
  let [open, last]: [number, Part | undefined] = [0, undefined]
  for (const token of text.match(/[A-Za-z0-9.-]+\+?|[^ ]/g) ?? []) {
    const part: Part = last === 'with' ? exceptionOf(token) : partOf(token)
    if (!follows[part].includes(last)) return false
    open += { ')': -1, '(': 1 }[token] ?? 0
    if (open < 0) return false
    last = part
  }
  return open === 0 && (last === 'license' || last === 'exception' || last === ')')
}

type Part = 'license' | 'exception' | 'operator' | 'with' | '(' | ')' | 'other'

/**
 * What each part may stand behind. A parser makes a tree of each expression, in time that grows with the square of its length: too much
 * for a document of others that has hundreds of thousands.
 */
const follows: Readonly<Record<Part, readonly (Part | undefined)[]>> = {
  license: [undefined, 'operator', '('],
  '(': [undefined, 'operator', '('],
  ')': ['license', 'exception', ')'],
  operator: ['license', 'exception', ')'],
  with: ['license'],
  exception: ['with'],
  other: [],
}

/** A `LicenseRef-` means what its own document says, and that is left behind. */
function partOf(token: string): Part {
  if (token === '(' || token === ')') return token
  if (/^(?:and|or)$/i.test(token)) return 'operator'
  if (/^with$/i.test(token)) return 'with'
  const name = token.replace(/\+$/, '')
  return licenseId(name) === name ? 'license' : 'other'
}

const exceptions = new Map<string, Part>()
const mostExceptions = 10_000

/** The list of exceptions is the parser's own. */
function exceptionOf(token: string): Part {
  const known = exceptions.get(token)
  if (known !== undefined) return known
  const part = isException(token) ? 'exception' : 'other'
  if (exceptions.size < mostExceptions) exceptions.set(token, part)
  return part
}

/** Whether a text is the identifier of an exception of SPDX, `Classpath-exception-2.0`. */
export function isException(text: string): boolean {
  try {
    return /^[A-Za-z0-9.-]+$/.test(text) && 'license' in parse(`MIT WITH ${text}`)
  } catch {
    return false
  }
}
