import { suggest } from '../../base/suggest.ts'
import { isException, licenseId, licenseIds } from '../sbom/licenses.ts'

/** What is wrong with a term of a policy, for its reader; a term that can mean no licence would never hold. */
export function unknownTerm(term: string): string | undefined {
  const [identifier = '', exception] = term.split(/ with /i)
  if (/^LicenseRef-[A-Za-z0-9.-]+$/.test(term)) return undefined
  const start = identifier.slice(0, -1).toLowerCase()
  if (identifier.endsWith('*') && exception === undefined)
    return start !== '' && licenseIds.some((one) => one.toLowerCase().startsWith(start))
      ? undefined
      : `no licence of SPDX begins as "${term}" does`
  if (licenseId(identifier.replace(/\+$/, '')) !== undefined)
    return exception === undefined || isException(exception) ? undefined : `"${exception}" is no exception of SPDX`
  const meant = suggest(identifier, licenseIds)
  return `"${term}" is no licence of SPDX${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

/** Whether a term of a policy means a licence: by its name, or by how it begins. */
export function isMeant(license: string, term: string): boolean {
  const [one, other] = [license.toLowerCase(), normalised(term).toLowerCase()]
  return other.endsWith('*') ? one.startsWith(other.slice(0, -1)) : one === other
}

/** GNU's licences had names that said neither "only" nor "or later"; SPDX has them still. */
export function normalised(term: string): string {
  const [, name, plus = '', rest = ''] = /^((?:A|L)?GPL-\d\.\d|GFDL-1\.\d)(\+?)( with .+)?$/i.exec(term) ?? []
  if (name === undefined) return term
  return `${name}-${plus === '' ? 'only' : 'or-later'}${rest}`
}
