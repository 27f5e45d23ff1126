import { suggest } from '../../base/suggest.ts'
import type { InputOf } from '../../spec/define.ts'
import { inputsInvalid } from '../../spec/errors.ts'
import { scanNoDatabase } from './errors.ts'
import type { task } from './task.ts'

/** Who may be asked what is known of the packages, besides reports that are there. */
const askable = ['osv', 'trivy', 'grype', 'harbor'] as const
type Askable = (typeof askable)[number]

/**
 * Who is asked: as `source` says, else the advisories of `database`; nobody where only `reports` are given.
 * @throws SW-INPUT-INVALID, SW-SCAN-NO-DATABASE
 */
export function sourcesOf({ source, database, reports }: InputOf<typeof task>): ReadonlySet<Askable> {
  const given = source.map((name) => askable.find((one) => one === name) ?? unknown(name))
  const asked = new Set(given.length > 0 ? given : database === undefined && reports.length > 0 ? [] : ['osv' as const])
  if (asked.has('osv') && database === undefined)
    throw scanNoDatabase('`database` is not set, and nothing is fetched at run time.', {
      hint: 'database: advisories',
      safe: 'nothing was changed',
    })
  return asked
}

function unknown(name: string): never {
  const meant = suggest(name, askable)
  throw inputsInvalid(
    `source: ${JSON.stringify(name)} is not one of: ${askable.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  )
}
