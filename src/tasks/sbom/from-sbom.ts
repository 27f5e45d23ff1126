import { basename, resolve } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { version } from '../../base/version.ts'
import { isTimestamp } from '../../domain/sbom/check/profile.ts'
import { namedImages, subjectOfDocument } from '../../domain/sbom/foreign.ts'
import type { SbomDocument } from '../../domain/sbom/read/document.ts'
import { inventoryOfSbom } from '../../domain/sbom/read/inventory-of.ts'
import { mostSbom, parseSbom } from '../../domain/sbom/read/read-sbom.ts'
import { readText } from '../../io/files.ts'
import { authorOf } from './author.ts'
import { sbomSubject } from './errors.ts'
import { openImages } from './from-image.ts'
import { epochOf, type Input, type Listed, type SbomContext, timestamp } from './listed.ts'

/** An SBOM of someone else; where there is an image, it has to be the one that the SBOM names. @throws SW-SBOM-MALFORMED, SW-SBOM-SUBJECT */
export async function listSbom(file: string, input: Input, context: SbomContext): Promise<Listed> {
  const text = await readText(resolve(context.files.workspace, file), mostSbom)
  const document = parseSbom(text, file)
  const image = await imageOf(document, file, { input, context })
  const asked = epochOf(input, context)
  const [author] = document.authors
  return {
    bill: {
      subject: { ...subjectOfDocument(document, basename(file)), ...(image === undefined ? {} : { platform: image.platform }) },
      inventory: inventoryOfSbom(document),
      created: timestamp(asked ?? (isTimestamp(document.created) ? document.created?.replace(/\[.*$/, '') : context.clock.now())),
      toolVersion: version,
      tools: document.tools,
      ...(input.author === undefined && author !== undefined ? { author } : authorOf(input, { source: {} })),
    },
    name: image?.platform.replaceAll('/', '-') ?? nameOf(file),
    title: file,
    ...(image === undefined ? {} : { image }),
    original: { text, document },
  }
}

/** The image that the SBOM is recorded for; none where there is no image in hand. */
async function imageOf(
  document: SbomDocument,
  file: string,
  { input, context }: { readonly input: Input; readonly context: SbomContext },
): Promise<Listed['image']> {
  const images = input.layout === undefined ? [] : (await openImages(input, context)).images
  const digest = input.digest ?? (images.length === 1 ? images[0]?.descriptor.digest : undefined)
  if (digest === undefined) return undefined
  const known = images.map(({ descriptor, manifest, platform }) => ({
    image: { digest: descriptor.digest, platform },
    digests: [descriptor.digest, manifest.config.digest],
  }))
  const named = namedImages(document)
  const of = (digests: readonly Digest[]): boolean => digests.some((one) => named.includes(one))
  const [only, ...others] = known
  const whole = { digest, platform: only !== undefined && others.length === 0 ? only.image.platform : 'all' }
  if (named.length === 0) {
    context.log.warn('the SBOM does not say which image it is of: it is taken for that of the image in hand', { file, digest })
    return whole
  }
  const found = known.find(({ digests }) => of(digests))?.image ?? (of([digest]) ? whole : undefined)
  if (found !== undefined) return found
  throw sbomSubject(`${file} is of ${named.join(', ')}, expected ${digest}${known.length > 1 ? ' or one of its platforms' : ''}.`, {
    safe: 'nothing was written',
  })
}

function nameOf(file: string): string {
  return basename(file).replace(/(?:\.cdx|\.spdx)?\.json$/, '')
}
