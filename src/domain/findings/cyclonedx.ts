import * as v from 'valibot'
import type { Distro, Inventory, Package, PackageType } from '../packages/package.ts'
import { parsePurl } from './parse-purl.ts'

const text = v.pipe(v.string(), v.maxLength(4096))
const component: v.GenericSchema<Component> = v.object({
  type: v.optional(text),
  name: v.optional(text),
  version: v.optional(text),
  purl: v.optional(text),
  components: v.optional(v.lazy(() => v.array(component))),
})
const document = v.object({
  bomFormat: v.literal('CycloneDX'),
  components: v.optional(v.pipe(v.array(component), v.maxLength(200_000)), []),
})

interface Component {
  readonly type?: string | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly purl?: string | undefined
  readonly components?: Component[] | undefined
}

const types: readonly PackageType[] = ['deb', 'apk', 'rpm', 'npm', 'pypi', 'golang', 'maven', 'cargo', 'nuget', 'gem', 'composer']

/**
 * The packages of a CycloneDX document in JSON, of any generator. A component of the kind library or application that has no package URL
 * which is understood is unscannable; undefined when the value is no such document.
 */
export function inventoryOfCycloneDx(value: unknown): Inventory | undefined {
  const parsed = v.safeParse(document, value)
  if (!parsed.success) return undefined
  const components = flattened(parsed.output.components)
  const system = components.find(({ type }) => type === 'operating-system')
  const distro = system?.name === undefined ? undefined : { id: system.name.toLowerCase(), version: system.version ?? '' }
  const packages = new Map<string, Package>()
  const unscannable: Inventory['unscannable'][number][] = []
  for (const { type, name = '', purl } of components) {
    const one = purl === undefined ? undefined : packageOf(purl, distro)
    if (one !== undefined) packages.set(one.purl, one)
    else if (purl !== undefined || type === 'library')
      unscannable.push({
        path: purl ?? name,
        why: purl === undefined ? 'it has no package URL' : 'its package URL is of no kind that is known',
      })
  }
  return { packages: [...packages.values()], ...(distro === undefined ? {} : { distro }), unscannable }
}

function flattened(components: readonly Component[]): readonly Component[] {
  return components.flatMap((one) => [one, ...flattened(one.components ?? [])])
}

function packageOf(purl: string, system: Distro | undefined): Package | undefined {
  const parts = parsePurl(purl)
  const type = types.find((known) => known === parts?.type)
  if (parts === undefined || type === undefined) return undefined
  const { namespace, name, version = '', qualifiers } = parts
  const isOfSystem = type === 'deb' || type === 'apk' || type === 'rpm'
  const [, source = '', sourceVersion] = /^(.*?)(?:@(.*))?$/.exec(qualifiers['upstream'] ?? '') ?? []
  const epoch = qualifiers['epoch']
  const full = type === 'rpm' && epoch !== undefined && !version.includes(':') ? `${epoch}:${version}` : version
  const distro = isOfSystem ? distroOf(namespace, qualifiers['distro'], system) : undefined
  return {
    ...{ type, name, version: full, purl, licenses: [], locations: [] },
    ...(namespace === undefined || isOfSystem ? {} : { namespace }),
    ...(source === '' ? {} : { source: { name: source, version: sourceVersion ?? full } }),
    ...(distro === undefined ? {} : { distro }),
  }
}

/** `debian-12` of the qualifier, else the operating system of the document. */
function distroOf(namespace: string | undefined, given: string | undefined, system: Distro | undefined): Distro | undefined {
  const [, id, version] = /^([a-z][\w.-]*?)-v?(\d[\w.]*)$/.exec(given ?? '') ?? []
  if (id !== undefined && version !== undefined) return { id, version }
  if (system !== undefined) return system
  return namespace === undefined ? undefined : { id: namespace.toLowerCase(), version: '' }
}
