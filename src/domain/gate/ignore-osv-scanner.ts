import * as v from 'valibot'
import { exceptionsInvalid } from './errors.ts'
import type { PackageScope } from './exception.ts'
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

const known = ['name', 'version', 'ecosystem', 'group', 'ignore', 'license', 'vulnerability', 'effectiveUntil', 'reason']

/** Types of package URLs, and the distribution as their qualifier names it. */
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
    Debian: 'deb debian',
    Ubuntu: 'deb ubuntu',
    Alpine: 'apk alpine',
    Wolfi: 'apk wolfi',
    Chainguard: 'apk chainguard',
    'Red Hat': 'rpm rhel',
    'Rocky Linux': 'rpm rocky',
    AlmaLinux: 'rpm almalinux',
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
  const strange = Object.keys(given).find((key) => !known.includes(key))
  if (strange !== undefined) return { origin, why: `it asks for ${strange.slice(0, 100)}, which is not known here` }
  const within = ecosystem === '' ? {} : scopeOf(ecosystem)
  if (within === undefined) return { origin, why: `the ecosystem "${ecosystem.slice(0, 40)}" is not known here` }
  if (name === undefined || name === '') return { origin, why: 'it names no package' }
  const scope = { name, ...(version === undefined || version === '' ? {} : { version }), ...within }
  return { origin, packages: [scope], reason, ...ending(effectiveUntil, origin) }
}

/** `Debian:12`, `Ubuntu:22.04:LTS`, `Alpine:v3.20`, or without a release; of a release that reads otherwise nothing is known. */
function scopeOf(ecosystem: string): PackageScope | undefined {
  const [name = '', release] = ecosystem.split(':')
  const [type, distro] = (Object.hasOwn(types, name) ? types[name] : undefined)?.split(' ') ?? []
  if (type === undefined) return undefined
  if (distro === undefined) return release === undefined ? { type } : undefined
  const version = /^v?(\d[\d.]*)$/.exec(release ?? '')?.[1]
  if (release !== undefined && version === undefined) return undefined
  return { type, distro: version === undefined ? distro : `${distro}-${version}` }
}

function ending(value: unknown, origin: string): Pick<Entry, 'expires' | 'ends'> {
  if (value === undefined) return {}
  const text = dateText(value)
  if (text === undefined) throw exceptionsInvalid(`${origin} expires on what is no date.`)
  return until(text, origin)
}
