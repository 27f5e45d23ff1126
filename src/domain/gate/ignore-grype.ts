import * as v from 'valibot'
import { exceptionsInvalid } from './errors.ts'
import { type Entry, strangePath, type Taken, takenFrom } from './ignored.ts'
import { readYaml } from './yaml.ts'

const text = v.pipe(v.string(), v.maxLength(2000))
const described = v.looseObject({
  name: v.optional(text),
  version: v.optional(text),
  type: v.optional(text),
  location: v.optional(text),
})
const rule = v.looseObject({
  vulnerability: v.optional(text),
  'include-aliases': v.optional(v.boolean()),
  reason: v.optional(text),
  package: v.optional(v.nullable(described)),
})

/** A list is an object to the schema of objects. */
const mapping = v.pipe(
  v.unknown(),
  v.check((one) => !Array.isArray(one), 'expected a rule'),
  rule,
)
const document = v.looseObject({ ignore: v.optional(v.nullable(v.pipe(v.array(mapping), v.maxLength(5000))), []) })

/** Types of packages as Grype calls them, and as package URLs do. */
const types: ReadonlyMap<string, string> = new Map([
  ...['deb', 'apk', 'rpm', 'npm', 'gem'].map((type) => [type, type] as const),
  ...[['python', 'pypi'] as const, ['go-module', 'golang'] as const, ['java-archive', 'maven'] as const],
  ...[['rust-crate', 'cargo'] as const, ['dotnet', 'nuget'] as const, ['php-composer', 'composer'] as const],
])
const known = ['vulnerability', 'include-aliases', 'reason', 'package']
const knownOfPackage = ['name', 'version', 'type', 'location']

/** The list `ignore` of `.grype.yaml`. All that a rule names must hold, so one that names what is not known here is not taken over. */
export function readGrype(content: string, where: string): Taken {
  const { ignore } = takenFrom(document, readYaml(content, where, exceptionsInvalid), where)
  const read = (ignore ?? []).map((one, at) => entryOf(one, `${where}, rule ${at + 1}`))
  return {
    entries: read.flatMap((one) => (typeof one.why === 'string' ? [] : [one.entry])),
    skipped: read.flatMap(({ why, entry: { origin } }) => (typeof why === 'string' ? [{ origin, why }] : [])),
  }
}

function entryOf(given: v.InferOutput<typeof rule>, origin: string): { readonly entry: Entry; readonly why?: string } {
  const { vulnerability: id = '', package: one, reason } = given
  const { name = '', version = '', type = '', location = '' } = one ?? {}
  const scope = {
    ...(name === '' ? {} : { name }),
    ...(version === '' ? {} : { version }),
    ...(type === '' ? {} : { type: types.get(type) ?? type }),
  }
  const packages = Object.keys(scope).length === 0 ? [] : [scope]
  const paths = location === '' ? [] : [location]
  const unknown = [...strange(given, known), ...strange(one ?? {}, knownOfPackage).map((key) => `package.${key}`)]
  const why = whyNot({ id, name, type, paths, unknown })
  return { entry: { origin, id, packages, paths, reason }, ...(why === undefined ? {} : { why }) }
}

interface Read {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly paths: readonly string[]
  readonly unknown: readonly string[]
}

function whyNot({ id, name, type, paths, unknown }: Read): string | undefined {
  if (unknown.length > 0) return `it asks for ${unknown.join(', ').slice(0, 200)}, which is not known here`
  if (id === '') return 'it names no vulnerability; what is meant for all goes into the policy, such as fixable-only'
  if (type !== '' && !types.has(type)) return `packages of the type "${type.slice(0, 40)}" are not known here`
  if (!/^[\w.@/+:-]*$/.test(name)) return `the name "${name.slice(0, 100)}" is a pattern`
  return strangePath(paths)
}

function strange(given: object, names: readonly string[]): readonly string[] {
  return Object.entries(given)
    .filter(([key, value]) => !names.includes(key) && value !== undefined && value !== null && value !== '')
    .map(([key]) => key)
}
