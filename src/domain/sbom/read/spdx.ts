import { isUnknown, type Party, type SbomDocument, stated } from './document.ts'
import { parseParty } from './party.ts'
import { fitted } from './shape.ts'
import { spdxLinks } from './spdx-links.ts'
import { spdxComponent } from './spdx-package.ts'
import { type RawSpdx, spdxDocument } from './spdx-schema.ts'

/** What an SPDX document of 2.2 or 2.3 in JSON says. @throws SW-SBOM-MALFORMED */
export function readSpdx(value: unknown, name: string): SbomDocument {
  const raw = fitted(spdxDocument, value, name)
  const { created, creators, comment } = raw.creationInfo
  const links = spdxLinks(raw)
  const licenses = new Map(raw.hasExtractedLicensingInfos.map((one) => [one.licenseId, stated(one.name) ?? stated(one.extractedText)]))
  const components = raw.packages.map((one) => spdxComponent(one, { links, licenses }))
  const subject = components.find(({ ref }) => ref === links.subject)
  return {
    format: 'SPDX',
    formatVersion: raw.spdxVersion.replace(/^SPDX-/, ''),
    // SPDX 2 has no version of a document: each one has a namespace of its own.
    ...(raw.documentNamespace === undefined ? {} : { serial: raw.documentNamespace, version: raw.documentNamespace }),
    ...(created === undefined ? {} : { created }),
    authors: creators.flatMap(authorOf),
    tools: creators.flatMap(toolOf),
    contexts: stated(comment) === undefined ? [] : [comment ?? ''],
    signature: 'none',
    ...(subject === undefined ? {} : { subject }),
    components: components.filter((one) => one !== subject),
    vulnerabilities: 0,
    gaps: gapsOf(raw),
    unknown: new Set([
      ...(creators.some((one) => isUnknown(one.replace(/^(?:Person|Organization):\s*/, ''))) ? ['author'] : []),
      ...(isUnknown(comment) ? ['context'] : []),
    ]),
  }
}

function authorOf(creator: string): readonly Party[] {
  const [, named = ''] = /^(?:Person|Organization):\s*(.*)$/s.exec(creator) ?? []
  return parseParty(named)
}

/** `name-version` (SPDX 2.3, 6.8): the version begins at the last hyphen that a digit, a `v` with one, or a bracket follows. */
function toolOf(creator: string): SbomDocument['tools'] {
  const [, tool] = /^Tool:\s*(.+)$/s.exec(creator) ?? []
  if (tool === undefined) return []
  const at = [...tool.matchAll(/-(?=v?\d|\[)/g)].at(0)?.index ?? tool.lastIndexOf('-')
  return at <= 0 ? [{ name: tool }] : [{ name: tool.slice(0, at), version: tool.slice(at + 1) }]
}

function gapsOf({ annotations }: RawSpdx): SbomDocument['gaps'] {
  return annotations.flatMap(({ comment }) => {
    const [, path, why] = /^Unscannable: (.*?): (.*)$/s.exec(comment) ?? []
    return path === undefined || why === undefined ? [] : [{ path, why }]
  })
}
