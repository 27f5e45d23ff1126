import * as v from 'valibot'
import { messageOf } from '../../../base/errors.ts'
import { excerpt } from '../../../base/untrusted.ts'
import { readText } from '../../../io/files.ts'
import { sbomMalformed } from '../errors.ts'
import { readCycloneDx } from './cyclonedx.ts'
import type { SbomDocument } from './document.ts'
import { readSpdx } from './spdx.ts'
import { readSpdx3 } from './spdx3.ts'

/** In bytes: an SBOM of 20,000 packages has 30 MB. */
export const mostSbom = 128 * 2 ** 20

/** The SBOM in a file; `name` is what the file is called in errors. @throws SW-SBOM-MALFORMED, SW-FILE-TOO-LARGE and others of files */
export async function readSbomFile(path: string, name: string): Promise<SbomDocument> {
  return parseSbom(await readText(path, mostSbom), name)
}

/** The SBOM in a text, by any generator: CycloneDX, SPDX 2 or SPDX 3 in JSON. @throws SW-SBOM-MALFORMED */
export function parseSbom(text: string, name: string): SbomDocument {
  const value = parse(text, name)
  const head = v.safeParse(shape, value)
  if (!head.success) throw sbomMalformed(`${name} is no SBOM: it is not an object, expected CycloneDX or SPDX in JSON.`)
  const { bomFormat, spdxVersion, '@context': context } = head.output
  if (bomFormat === 'CycloneDX') return readCycloneDx(value, name)
  if (typeof spdxVersion === 'string') return readSpdx(value, name)
  if (typeof context === 'string' && /^https:\/\/spdx\.org\/rdf\/3\.\d+(?:\.\d+)?\//.test(context)) return readSpdx3(value, name)
  throw sbomMalformed(`${name} is no SBOM: it has neither "bomFormat": "CycloneDX" nor "spdxVersion", expected CycloneDX or SPDX in JSON.`)
}

const shape = v.object({ bomFormat: v.optional(v.unknown()), spdxVersion: v.optional(v.unknown()), '@context': v.optional(v.unknown()) })

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw sbomMalformed(`${name} is not JSON: ${excerpt(messageOf(error), 200)}`, { hint: 'SBOMs as XML or tag-value are not read' })
  }
}
