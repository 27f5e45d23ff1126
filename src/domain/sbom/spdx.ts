import { names } from '../provenance/predicate.ts'
import { type Bill, stableUuid, toolsOf } from './bill.ts'
import { licenseNamer } from './spdx-license.ts'
import { annotationsOf, packageEntry, type SpdxPackage, spdxParty, subjectEntry, systemEntry } from './spdx-package.ts'

interface Relationship {
  readonly spdxElementId: string
  readonly relationshipType: 'DESCRIBES' | 'CONTAINS' | 'DEPENDS_ON'
  readonly relatedSpdxElement: string
}

/** What the SBOM was made from, in the words of CISA ("Types of SBOM", which SPDX 2.3.1 annex takes over). */
const contexts: Readonly<Record<string, string>> = { 'post-build': 'Analyzed', 'pre-build': 'Source' }

/** The SBOM as SPDX 2.3 in JSON: the same text for the same image; what nobody asserts is said to be so. */
export function spdx(bill: Bill): string {
  const { subject, inventory, created, toolVersion, author } = bill
  const licenses = licenseNamer()
  const about = { created, tool: `slipway-${toolVersion}`, licenses }
  const root = subjectEntry(bill, about)
  const system = inventory.distro === undefined ? undefined : systemEntry(inventory.distro, about)
  const packages = inventory.packages.map((one) => packageEntry(one, about))
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.version === undefined ? subject.name : `${subject.name}@${subject.version}`,
    creationInfo: {
      created,
      creators: [
        `Organization: ${author === undefined ? 'NOASSERTION' : spdxParty(author)}`,
        ...toolsOf(bill).map(({ name, version }) => `Tool: ${version === undefined ? name : `${name}-${version}`}`),
      ],
      comment: contextOf(subject),
    },
    packages: [root, ...(system === undefined ? [] : [system]), ...packages],
    hasExtractedLicensingInfos: licenses.extracted(),
    relationships: relationshipsOf(bill, { root, system, packages }),
    annotations: annotationsOf(
      inventory.unscannable.map(({ path, why }) => `Unscannable: ${path}: ${why}`),
      about,
    ),
  }
  // A namespace is of one document and no other (SPDX 2.3, 6.5): it follows from all the rest.
  const documentNamespace = `${names}/spdx/${encodeURIComponent((subject.version ?? subject.name).replace(':', '-').toWellFormed())}/${stableUuid(JSON.stringify(document))}`
  return `${JSON.stringify({ ...document, documentNamespace }, undefined, 2)}\n`
}

function contextOf({ phase, kind }: Bill['subject']): string {
  if (phase === undefined) return 'NOASSERTION'
  const from =
    kind === 'container' ? ', from the layers of the image' : phase === 'pre-build' ? ', from the lock files of a source tree' : ''
  return `${contexts[phase] ?? phase}: ${phase}${from}`
}

/** The subject contains the system and what is not of it; the system its packages. That more may be needed, or be there, is said too. */
function relationshipsOf(
  { inventory }: Bill,
  {
    root,
    system,
    packages,
  }: { readonly root: SpdxPackage; readonly system: SpdxPackage | undefined; readonly packages: readonly SpdxPackage[] },
): readonly Relationship[] {
  const ids = new Map(inventory.packages.map(({ purl }, place) => [purl, packages[place]?.SPDXID ?? '']))
  const link = (from: string, type: Relationship['relationshipType'], to: string): Relationship => ({
    ...{ spdxElementId: from, relationshipType: type, relatedSpdxElement: to },
  })
  const contained = inventory.packages.map(({ purl, distro }) =>
    link((distro === undefined ? undefined : system?.SPDXID) ?? root.SPDXID, 'CONTAINS', ids.get(purl) ?? ''),
  )
  const needed = inventory.packages.flatMap(({ purl, dependsOn = [] }) => {
    const needs = dependsOn.flatMap((one) => ids.get(one) ?? [])
    return (needs.length === 0 ? ['NOASSERTION'] : needs).map((to) => link(ids.get(purl) ?? '', 'DEPENDS_ON', to))
  })
  return [
    link('SPDXRef-DOCUMENT', 'DESCRIBES', root.SPDXID),
    ...(system === undefined ? [] : [link(root.SPDXID, 'CONTAINS', system.SPDXID), link(root.SPDXID, 'DEPENDS_ON', system.SPDXID)]),
    ...contained,
    link(root.SPDXID, 'CONTAINS', 'NOASSERTION'),
    ...(system === undefined ? [link(root.SPDXID, 'DEPENDS_ON', 'NOASSERTION')] : [link(system.SPDXID, 'DEPENDS_ON', 'NOASSERTION')]),
    ...needed,
  ]
}
