import { basename } from 'node:path'
import { formatDuration } from '../../base/duration.ts'
import { exceptionsInvalid } from './errors.ts'
import type { Exception, ExceptionFile } from './exception.ts'
import { dayAfter, mostExceptions, parseExceptions } from './exceptions.ts'
import { readGrype } from './ignore-grype.ts'
import { readOsvScanner } from './ignore-osv-scanner.ts'
import { readTrivyLines, readTrivyYaml } from './ignore-trivy.ts'
import type { Entry, Taken } from './ignored.ts'

const others: readonly (readonly [name: RegExp, read: (content: string, where: string) => Taken])[] = [
  [/(?:^|\.)trivyignore$/, readTrivyLines],
  [/(?:^|\.)trivyignore\.ya?ml$/, readTrivyYaml],
  [/^\.?grype\.ya?ml$/, readGrype],
  [/^osv-scanner\.toml$/, readOsvScanner],
]

/**
 * Reads a file of exceptions, ours, or by its name one of Trivy, Grype or osv-scanner. `lastDay`, YYYY-MM-DD, is for entries of others that
 * have none of their own: without either an entry would count for ever, and is refused. @throws SW-GATE-EXCEPTIONS
 */
export function readExceptionFile(content: string, where: string, lastDay?: string): ExceptionFile {
  const other = others.find(([name]) => name.test(basename(where)))
  if (other === undefined) return { exceptions: parseExceptions(content, where), skipped: [] }
  const { entries, skipped } = other[1](content, where)
  return { exceptions: entries.map((one) => dated(one, lastDay)), skipped }
}

function dated({ origin, id, license, packages = [], paths = [], reason, ...own }: Entry, lastDay: string | undefined): Exception {
  const { expires = lastDay } = own
  if (expires === undefined) {
    throw exceptionsInvalid(`${origin}${id === undefined ? '' : `, ${id.slice(0, 100)},`} has no day on which it expires.`, {
      hint: 'exceptions-expire: YYYY-MM-DD, or a date in the file',
    })
  }
  return {
    ...(id === undefined ? {} : { id }),
    ...(license === undefined ? {} : { license }),
    ...(paths.length === 0 ? {} : { exactly: true }),
    ...{ packages, paths, expires, origin, owner: origin, reason: reason ?? 'no reason is given' },
    ends: own.ends ?? dayAfter(expires, 'exceptions-expire'),
  }
}

/** Requires that none counts longer than the policy allows, milliseconds from now, and that they are not too many. @throws SW-GATE-EXCEPTIONS */
export function requireHorizon(
  exceptions: readonly Exception[],
  { longest, now }: { readonly longest: number | undefined; readonly now: number },
): void {
  if (exceptions.length > mostExceptions)
    throw exceptionsInvalid(`There are ${exceptions.length} exceptions, expected at most ${mostExceptions}.`)
  if (longest === undefined) return
  // A day's exception ends when the day does: that day is within the horizon.
  const late = exceptions.find(({ ends }) => ends > now + longest + 86_400_000)
  if (late === undefined) return
  throw exceptionsInvalid(
    `${late.origin} expires on ${late.expires}, and max-exception of the policy is ${formatDuration(longest)}: ${new Date(now + longest).toISOString().slice(0, 10)} is the last day.`,
  )
}
