import * as v from 'valibot'
import { sbomMalformed } from '../errors.ts'
import { cycloneDxComponent, type Graph } from './cyclonedx-component.ts'
import { component, cycloneDxDocument, type RawComponent, type RawDocument, signature } from './cyclonedx-schema.ts'
import { isUnknown, type Party, type SbomComponent, type SbomDocument, stated } from './document.ts'
import { partiesOf } from './party.ts'
import { fitted, mostComponents } from './shape.ts'

/** How deep components may lie in each other; real documents have three levels. */
const mostLevels = 64

/** What a CycloneDX document of 1.2 to 1.7 in JSON says. @throws SW-SBOM-MALFORMED */
export function readCycloneDx(value: unknown, name: string): SbomDocument {
  const raw = fitted(cycloneDxDocument, value, name)
  const { metadata, serialNumber, version, specVersion } = raw
  const graph = graphOf(raw)
  const read = (one: RawComponent): SbomComponent => cycloneDxComponent(one, graph)
  const nested = metadata.component === undefined ? [] : flattened(childrenOf(subjectOf(value)), name)
  const tools = Array.isArray(metadata.tools)
    ? metadata.tools
    : [...(metadata.tools?.components ?? []), ...(metadata.tools?.services ?? [])]
  const own = new Set(metadata.properties.flatMap((one) => (one.name === 'slipway:unknown' ? one.value.split(', ') : [])))
  return {
    format: 'CycloneDX',
    formatVersion: specVersion,
    ...(serialNumber === undefined ? {} : { serial: serialNumber }),
    ...(version === undefined ? {} : { version: String(version) }),
    ...(metadata.timestamp === undefined ? {} : { created: metadata.timestamp }),
    authors: authorsOf(metadata),
    tools: tools.flatMap(({ name: tool, version: of }) =>
      tool === '' ? [] : [{ name: tool, ...(of === undefined ? {} : { version: of }) }],
    ),
    contexts: metadata.lifecycles.flatMap(({ phase, name: called }) => stated(phase ?? called) ?? []),
    signature: raw.signature === undefined ? 'none' : v.is(signature, raw.signature) ? 'whole' : 'broken',
    ...(metadata.component === undefined ? {} : { subject: read(metadata.component) }),
    components: [...nested, ...flattened(childrenOf(value), name)].map(read),
    vulnerabilities: raw.vulnerabilities.length,
    gaps: gapsOf(raw),
    unknown: own,
  }
}

/** Components in the order in which they are written, also those inside others; by a stack of our own, for depth is the sender's choice. */
function flattened(children: readonly unknown[], name: string): readonly RawComponent[] {
  const found: RawComponent[] = []
  const open = children.map((child) => ({ child, level: 1 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { child, level } = next
    if (level > mostLevels) throw sbomMalformed(`${name} nests components deeper than ${mostLevels} levels.`)
    found.push(fitted(component, child, `${name}: component ${found.length + 1}`))
    const inner = childrenOf(child)
    if (found.length + open.length + inner.length > mostComponents)
      throw sbomMalformed(`${name} has more than ${mostComponents} components, expected fewer.`)
    for (const one of inner.toReversed()) open.push({ child: one, level: level + 1 })
  }
  return found
}

const parent = v.object({ components: v.optional(v.array(v.unknown()), []) })

function childrenOf(value: unknown): readonly unknown[] {
  const parsed = v.safeParse(parent, value)
  return parsed.success ? parsed.output.components : []
}

function subjectOf(value: unknown): unknown {
  const parsed = v.safeParse(v.object({ metadata: v.object({ component: v.unknown() }) }), value)
  return parsed.success ? parsed.output.metadata.component : undefined
}

function graphOf({ dependencies, compositions }: RawDocument): Graph {
  return {
    needs: new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn])),
    open: new Set(compositions.filter(({ aggregate }) => aggregate === 'unknown').flatMap((one) => one.dependencies)),
  }
}

function authorsOf({ authors, manufacturer, supplier }: RawDocument['metadata']): readonly Party[] {
  return partiesOf({ authors, entities: [manufacturer, supplier] }).filter(({ name }) => !isUnknown(name))
}

/** What we and others write of what could not be seen: properties of our own, or that the list of the subject is not whole. */
function gapsOf({ metadata, compositions }: RawDocument): SbomDocument['gaps'] {
  const own = metadata.properties.flatMap(({ name, value }) => {
    const [, path, why] = name === 'slipway:unscannable' ? (/^(.*?): (.*)$/s.exec(value) ?? []) : []
    return path === undefined || why === undefined ? [] : [{ path, why }]
  })
  if (own.length > 0) return own
  const ref = metadata.component?.['bom-ref']
  const isIncomplete = compositions.some(
    ({ aggregate, assemblies }) => aggregate.startsWith('incomplete') && ref !== undefined && assemblies.includes(ref),
  )
  return isIncomplete ? [{ path: metadata.component?.name ?? '', why: 'its SBOM says that its list of components is not complete' }] : []
}
