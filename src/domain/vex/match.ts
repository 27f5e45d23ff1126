import { algorithmOf, type Digest, hexOf, isDigest } from '../../base/digest.ts'
import { parsePurl } from '../sbom/read/parse-purl.ts'
import { meansPackage, type PackageFacts } from './match-purl.ts'
import type { VexStatement } from './read.ts'
import type { Status, VexComponent } from './schema.ts'

/** A vulnerability of a package of an image, as statements are asked about it. */
export interface Question {
  /** All names of the vulnerability. */
  readonly names: readonly string[]
  readonly package: PackageFacts
  /** The image by all its digests: of the platform, and of the index. */
  readonly images: readonly Digest[]
}

type Component = Omit<VexComponent, 'subcomponents'>

/** Of statements of the same time the one that excuses least counts. */
const order: readonly Status[] = ['affected', 'under_investigation', 'fixed', 'not_affected']

/** The statement that counts of a vulnerability: of all that are about it the newest; undefined where nobody has said anything. */
export function statementFor(question: Question, statements: readonly VexStatement[]): VexStatement | undefined {
  return statements
    .filter(({ names, products, status }) => {
      return names.some((name) => question.names.includes(name)) && products.some((one) => isAbout(one, status, question))
    })
    .toSorted((a, b) => b.time - a.time || order.indexOf(a.status) - order.indexOf(b.status) || (a.origin < b.origin ? -1 : 1))[0]
}

/** The digests by which a product names an image: `repository@sha256:…` or the digest alone, a hash, the version of `pkg:oci`. */
export function digestsOf(product: Component): readonly Digest[] {
  const { '@id': id = '', hashes = {} } = product
  const texts = [
    id.startsWith('pkg:') ? '' : id.slice(id.lastIndexOf('@') + 1),
    ...Object.entries(hashes).map(([algorithm, hex]) => `${algorithm.replace('-', '')}:${hex}`),
    ...purlsOf(product).flatMap((purl) => {
      const parts = parsePurl(purl)
      return parts?.type === 'oci' ? (parts.version ?? []) : []
    }),
  ]
  return texts.filter(isDigest)
}

/** The package URLs of a product or of a part of it. */
export function purlsOf({ '@id': id, identifiers }: Component): readonly string[] {
  return [id, identifiers?.purl].filter((one) => one?.startsWith('pkg:') === true).map(String)
}

/**
 * A product is the image, with subcomponents or all that is in it, or the package itself. What says one thing in two ways has to mean the
 * package in both where it excuses something, and in one of them where it does not.
 */
function isAbout(product: VexComponent, status: Status, question: Question): boolean {
  const isExcuse = status === 'fixed' || status === 'not_affected'
  const { subcomponents } = product
  const means = (component: Component): boolean => isPackage(component, question.package, isExcuse)
  if (isImage(product, question.images, isExcuse)) return subcomponents.length === 0 || subcomponents.some(means)
  // Which version is the fixed one, a package URL without a version does not say.
  if (status === 'fixed' && purlsOf(product).some((purl) => parsePurl(purl)?.version === undefined)) return false
  return subcomponents.length === 0 && means(product)
}

/** By its digest alone: a name without one may be another image tomorrow. */
function isImage(product: Component, images: readonly Digest[], isExcuse: boolean): boolean {
  const algorithms = new Set(images.map(algorithmOf))
  const named = digestsOf(product).filter((digest) => algorithms.has(algorithmOf(digest)))
  const isOurs = (digest: Digest): boolean => images.some((one) => hexOf(one) === hexOf(digest))
  return named.length > 0 && (isExcuse ? named.every(isOurs) : named.some(isOurs))
}

/** A hash is of one file, and which file a package of an image was is not known. */
function isPackage(component: Component, one: PackageFacts, isExcuse: boolean): boolean {
  const purls = purlsOf(component)
  if (!isExcuse) return purls.some((purl) => meansPackage(purl, one))
  return purls.length > 0 && Object.keys(component.hashes ?? {}).length === 0 && purls.every((purl) => meansPackage(purl, one))
}
