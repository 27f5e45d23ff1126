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

/** Of statements of the same time the one that excuses least counts. */
const order: readonly Status[] = ['affected', 'under_investigation', 'fixed', 'not_affected']

/** The statement that counts of a vulnerability: of all that are about it the newest; undefined where nobody has said anything. */
export function statementFor(question: Question, statements: readonly VexStatement[]): VexStatement | undefined {
  return statements
    .filter(({ names, products }) => names.some((name) => question.names.includes(name)) && products.some((one) => isAbout(one, question)))
    .toSorted((a, b) => b.time - a.time || order.indexOf(a.status) - order.indexOf(b.status) || (a.origin < b.origin ? -1 : 1))[0]
}

/** Statements by the names that they are about, so that not each finding asks each of them. */
export function statementsByName(statements: readonly VexStatement[]): (names: readonly string[]) => readonly VexStatement[] {
  const byName = Map.groupBy(
    statements.flatMap((statement) => statement.names.map((name) => ({ name, statement }))),
    ({ name }) => name,
  )
  return (names) => [...new Set(names.flatMap((name) => byName.get(name)?.map(({ statement }) => statement) ?? []))]
}

/** A product is the image, with subcomponents or all that is in it, or the package itself. */
function isAbout(product: VexComponent, { package: one, images }: Question): boolean {
  const isOfImage = images.some((digest) => meansImage(product, digest))
  const means = (component: Omit<VexComponent, 'subcomponents'>): boolean => purlsOf(component).some((purl) => meansPackage(purl, one))
  if (isOfImage) return product.subcomponents.length === 0 || product.subcomponents.some(means)
  return product.subcomponents.length === 0 && means(product)
}

/** By its digest alone: a name without one may be another image tomorrow. */
function meansImage(product: VexComponent, digest: Digest): boolean {
  const { '@id': id = '', hashes = {} } = product
  const hash = algorithmOf(digest) === 'sha256' ? 'sha-256' : 'sha-512'
  if (Object.hasOwn(hashes, hash) && hashes[hash] === hexOf(digest)) return true
  if (digestIn(id) === digest) return true
  return purlsOf(product).some((purl) => {
    const parts = parsePurl(purl)
    return parts?.type === 'oci' && parts.version === digest
  })
}

/** `repository@sha256:…`, or the digest alone. */
function digestIn(id: string): Digest | undefined {
  const digest = id.startsWith('pkg:') ? '' : id.slice(id.lastIndexOf('@') + 1)
  return isDigest(digest) ? digest : undefined
}

function purlsOf({ '@id': id, identifiers }: Omit<VexComponent, 'subcomponents'>): readonly string[] {
  return [id, identifiers?.purl].filter((one) => one?.startsWith('pkg:') === true).map(String)
}
