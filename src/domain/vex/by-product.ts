import type { Digest } from '../../base/digest.ts'
import { digestsOf, purlsOf, type Question } from './match.ts'
import { packageKey } from './match-purl.ts'
import type { VexStatement } from './read.ts'
import type { VexComponent } from './schema.ts'

/** Statements by vulnerability, image and package, so that not each finding asks each of them: what it may be about, and more. */
export function statementsByProduct(statements: readonly VexStatement[]): (question: Question) => readonly VexStatement[] {
  const byKey = new Map<string, Set<VexStatement>>()
  for (const statement of statements) {
    const products = statement.products.flatMap(keysOf)
    for (const key of statement.names.flatMap((name) => products.map((product) => keyOf(name, product)))) {
      const known = byKey.get(key)
      if (known === undefined) byKey.set(key, new Set([statement]))
      else known.add(statement)
    }
  }
  return ({ names, package: { purl }, images }) => {
    const own = packageKey(purl)
    const products = [...images, ...(own === undefined ? [] : [own, ...images.map((digest) => within(digest, own))])]
    return [...new Set(names.flatMap((name) => products.flatMap((product) => [...(byKey.get(keyOf(name, product)) ?? [])])))]
  }
}

/** An image, a package of an image, or a package wherever it is. */
function keysOf(product: VexComponent): readonly string[] {
  const { subcomponents } = product
  const digests = digestsOf(product)
  if (subcomponents.length === 0) return [...digests, ...packagesOf(product)]
  return digests.flatMap((digest) => subcomponents.flatMap(packagesOf).map((one) => within(digest, one)))
}

function packagesOf(component: Omit<VexComponent, 'subcomponents'>): readonly string[] {
  return purlsOf(component).flatMap((purl) => packageKey(purl) ?? [])
}

function within(digest: Digest, key: string): string {
  return `${digest} ${key}`
}

function keyOf(name: string, product: string): string {
  return JSON.stringify([name, product])
}
