import type { ErrorKind } from '../base/errors.ts'
import { suggest } from '../base/suggest.ts'
import { exitLine } from '../report/failure.ts'
import { widthOf, wrap } from '../report/width.ts'
import { usage } from './errors.ts'
import { section } from './help.ts'

/** `slipway explain SW-…`: what an error means and what to do; without a code all of them. @throws SW-USAGE */
export function explain(code: string | undefined, kinds: readonly ErrorKind[], columns: number): string {
  if (code === undefined)
    return `${section(
      'errors',
      kinds.map((kind) => [kind.code, kind.title] as const),
      columns,
    ).join('\n')}\n`
  const wanted = code.toUpperCase()
  const kind = kinds.find((candidate) => candidate.code === wanted)
  if (kind === undefined) throw unknownCode(code, kinds)
  const lines = [
    `${kind.code}   ${kind.fault}`,
    ...wrap(kind.title, columns),
    '',
    'causes',
    ...kind.causes.flatMap((cause) => hanging('  - ', cause, columns)),
    '',
    ...hanging('fix   ', kind.fix, columns),
    '',
    exitLine(exitOfKind(kind)),
  ]
  return `${lines.join('\n')}\n`
}

function unknownCode(code: string, kinds: readonly ErrorKind[]): Error {
  const codes = kinds.map((kind) => kind.code.toLowerCase())
  const beginning = codes.filter((one) => one.startsWith(`${code.toLowerCase().replace(/-$/, '')}-`))
  if (beginning.length > 0 && beginning.length <= 12)
    return usage(`${code} is not the code of an error; these begin so: ${beginning.join(', ').toUpperCase()}`, { hint: 'slipway explain' })
  const meant = suggest(code.toLowerCase(), codes) ?? suggest(`sw-${code.toLowerCase()}`, codes)
  return usage(`${code} is not the code of an error${meant === undefined ? '' : `; did you mean ${meant.toUpperCase()}?`}`, {
    hint: 'slipway explain',
  })
}

function hanging(label: string, text: string, columns: number): string[] {
  const lines = wrap(text, columns - widthOf(label))
  return lines.map((line, place) => (place === 0 ? label : ' '.repeat(label.length)) + line)
}

function exitOfKind(kind: ErrorKind): number {
  return kind('').exit
}
