import type { Inventory } from '../packages/package.ts'
import { type Bill, stableUuid, toolsOf } from './bill.ts'
import {
  type Component,
  packageComponent,
  partyEntity,
  subjectComponent,
  systemComponent,
  unknownProperties,
} from './cyclonedx-component.ts'

/** The versions of CycloneDX that are written. */
export type CycloneDxVersion = '1.6' | '1.7'

/** The SBOM as CycloneDX in JSON: the same text for the same image, without findings (BSI TR-03183-2 §8.1.14). */
export function cycloneDx(bill: Bill, specVersion: CycloneDxVersion = '1.6'): string {
  const { subject, inventory, created, author } = bill
  const root = subjectComponent(bill)
  const system = inventory.distro === undefined ? undefined : systemComponent(inventory.distro)
  const document = {
    $schema: `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion,
    serialNumber: `urn:uuid:${stableUuid(`cyclonedx ${subject.version ?? subject.name}`)}`,
    version: 1,
    metadata: {
      timestamp: created,
      ...(subject.phase === undefined ? {} : { lifecycles: [{ phase: subject.phase }] }),
      tools: { components: toolsOf(bill).map((one) => ({ type: 'application', ...one })) },
      component: root,
      ...(author === undefined ? {} : { manufacturer: partyEntity(author) }),
      properties: [
        ...unknownProperties([...(author === undefined ? ['author'] : []), ...(subject.phase === undefined ? ['context'] : [])]),
        ...inventory.unscannable.map(({ path, why }) => ({ name: 'slipway:unscannable', value: `${path}: ${why}` })),
      ],
    },
    components: [...(system === undefined ? [] : [system]), ...inventory.packages.map(packageComponent)],
    dependencies: dependenciesOf(inventory, root['bom-ref'], system?.['bom-ref']),
    compositions: compositionsOf(inventory, root, system),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** The subject needs the system and what nothing else needs; the system its packages. Each component is there, also one that needs nothing. */
function dependenciesOf({ packages }: Inventory, root: string, system: string | undefined): readonly object[] {
  const needed = new Set(packages.flatMap(({ dependsOn = [] }) => dependsOn))
  const ofSystem = system === undefined ? [] : packages.filter(({ distro }) => distro !== undefined)
  const isOfSystem = new Set(ofSystem.map(({ purl }) => purl))
  const roots = packages.filter(({ purl }) => !isOfSystem.has(purl) && !needed.has(purl)).map(({ purl }) => purl)
  return [
    { ref: root, dependsOn: [...(system === undefined ? [] : [system]), ...roots] },
    ...(system === undefined ? [] : [{ ref: system, dependsOn: [...isOfSystem] }]),
    ...packages.map(({ purl, dependsOn = [] }) => ({ ref: purl, dependsOn })),
  ]
}

/** What lies in an image without a record of its own (a copied binary) is in no list of packages, and what it needs in none of needs. */
function compositionsOf({ packages, unscannable }: Inventory, root: Component, system: Component | undefined): readonly object[] {
  const refs = [root, ...(system === undefined ? [] : [system])].map((one) => one['bom-ref'])
  return [
    { aggregate: unscannable.length > 0 ? 'incomplete' : 'unknown', assemblies: [root['bom-ref']] },
    { aggregate: 'unknown', dependencies: [...refs, ...packages.map(({ purl }) => purl)] },
  ]
}
