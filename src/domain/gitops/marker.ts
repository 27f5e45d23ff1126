import { NotRegular, parseRegular, type Regular } from '../../base/regular.ts'
import { gitopsTarget } from './errors.ts'

/** Where a text stands in a file of any kind: between two regular expressions on one line, the whole of each. */
export interface Marker {
  readonly before: Regular
  readonly after: Regular
  readonly pattern: string
}

/** Where the value stands in a pattern. */
const hole = '{image}'
/** What a reference, a tag or a digest consists of. */
const value = /[A-Za-z0-9][A-Za-z0-9._/@:+-]*/g
const longestLine = 10_000

/** Reads `FROM {image} # app`: what stands around the image, as regular expressions without lookaround and references; `^` and `$` are the ends of the line. @throws SW-GITOPS-TARGET */
export function parseMarker(pattern: string): Marker {
  const [before, after, ...more] = pattern.split(hole)
  if (before === undefined || after === undefined || more.length > 0)
    throw gitopsTarget(
      `The marker ${JSON.stringify(pattern)} has ${pattern.split(hole).length - 1} of ${hole}, expected one where the image stands.`,
    )
  try {
    return {
      before: parseRegular(before.startsWith('^') ? before : `.*${grouped(before)}`),
      after: parseRegular(/(?<!\\)\$$/.test(after) ? after : `${grouped(after)}.*`),
      pattern,
    }
  } catch (error) {
    if (!(error instanceof NotRegular)) throw error
    throw gitopsTarget(`The marker ${JSON.stringify(pattern)} is not used here: ${error.message}.`, { cause: error })
  }
}

function grouped(expression: string): string {
  return expression === '' ? '' : `(${expression})`
}

/** The one place of a marker; `where` names the file. @throws SW-GITOPS-TARGET */
export function findMarker(
  source: string,
  { before, after, pattern }: Marker,
  where: string,
): { readonly start: number; readonly end: number } {
  const found: { start: number; end: number }[] = []
  let at = 0
  for (const line of source.split('\n')) {
    if (line.length <= longestLine) {
      const text = line.replace(/\r$/, '')
      const ends = before.ends(text)
      const starts = ends.size === 0 ? ends : after.starts(text)
      for (const { 0: one, index } of text.matchAll(value))
        if (ends.has(index) && starts.has(index + one.length)) found.push({ start: at + index, end: at + index + one.length })
    }
    at += line.length + 1
  }
  const [place, another] = found
  if (place !== undefined && another === undefined) return place
  throw gitopsTarget(
    `${where} has ${found.length === 0 ? 'no place' : `${found.length} places`} of the marker ${JSON.stringify(pattern)}, expected one.`,
  )
}
