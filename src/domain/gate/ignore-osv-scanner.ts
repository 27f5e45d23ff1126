import * as v from 'valibot'
import { exceptionsInvalid } from './errors.ts'
import { type Entry, type Taken, takenFrom, until } from './ignored.ts'
import { dateText, readToml } from './yaml.ts'

const text = v.pipe(v.string(), v.maxLength(2000))
const moment = v.optional(v.unknown())
const ignored = v.strictObject({ id: v.pipe(text, v.minLength(1)), ignoreUntil: moment, reason: v.optional(text) })
const override = v.looseObject({
  ...{ name: v.optional(text), version: v.optional(text), ecosystem: v.optional(text) },
  ...{ ignore: v.optional(v.boolean()), effectiveUntil: moment, reason: v.optional(text) },
  vulnerability: v.optional(v.looseObject({ ignore: v.optional(v.boolean()) })),
})
const document = v.looseObject({
  IgnoredVulns: v.optional(v.pipe(v.array(ignored), v.maxLength(5000)), []),
  PackageOverrides: v.optional(v.pipe(v.array(override), v.maxLength(5000)), []),
})

const types: Readonly<Partial<Record<string, string>>> = {
  ...{
    npm: 'npm',
    PyPI: 'pypi',
    Go: 'golang',
    Maven: 'maven',
    'crates.io': 'cargo',
    NuGet: 'nuget',
    RubyGems: 'gem',
    Packagist: 'composer',
  },
  ...{
    Debian: 'deb',
    Ubuntu: 'deb',
    Alpine: 'apk',
    Wolfi: 'apk',
    Chainguard: 'apk',
    'Red Hat': 'rpm',
    'Rocky Linux': 'rpm',
    AlmaLinux: 'rpm',
  },
}

/** `osv-scanner.toml`: vulnerabilities, and packages of which none counts. */
export function readOsvScanner(content: string, where: string): Taken {
  const { IgnoredVulns, PackageOverrides } = takenFrom(document, readToml(content, where, exceptionsInvalid), where)
  const read = PackageOverrides.map((one, at) => overridden(one, `${where}, PackageOverrides ${at + 1}`))
  return {
    entries: [
      ...IgnoredVulns.map(({ id, ignoreUntil, reason }, at): Entry => {
        const origin = `${where}, IgnoredVulns ${at + 1}`
        return { origin, id, reason, ...ending(ignoreUntil, origin) }
      }),
      ...read.flatMap((one) => ('why' in one ? [] : [one])),
    ],
    skipped: read.flatMap((one) => ('why' in one ? [one] : [])),
  }
}

function overridden(given: v.InferOutput<typeof override>, origin: string): Entry | { readonly origin: string; readonly why: string } {
  const { name, version, ecosystem = '', ignore, vulnerability, effectiveUntil, reason } = given
  if (ignore !== true && vulnerability?.ignore !== true) return { origin, why: 'it changes something else than what counts' }
  if (given['group'] !== undefined) return { origin, why: 'it is for a group of dependencies, of which an image knows nothing' }
  const type = Object.hasOwn(types, ecosystem.split(':')[0] ?? '') ? types[ecosystem.split(':')[0] ?? ''] : undefined
  if (ecosystem !== '' && type === undefined) return { origin, why: `the ecosystem "${ecosystem.slice(0, 40)}" is not known here` }
  if (name === undefined || name === '') return { origin, why: 'it names no package' }
  const scope = { name, ...(version === undefined || version === '' ? {} : { version }), ...(type === undefined ? {} : { type }) }
  return { origin, packages: [scope], reason, ...ending(effectiveUntil, origin) }
}

function ending(value: unknown, origin: string): Pick<Entry, 'expires' | 'ends'> {
  if (value === undefined) return {}
  const text = dateText(value)
  if (text === undefined) throw exceptionsInvalid(`${origin} expires on what is no date.`)
  return until(text, origin)
}
