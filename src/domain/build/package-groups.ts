import { compareBytes } from '../../io/files.ts'

/** Layers of a plan, those of the user included; a base has its own. */
export const usualLayers = 10

/** What every plan with packages keeps besides those with a layer of their own: the rest of them, the application, its assets. */
const fixedLayers = 3

/** From this many bytes on a package is worth a layer of its own. */
const worthALayer = 2 ** 20

/** A package and what it has in an image. */
export interface PackageFiles<T> {
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly files: readonly T[]
}

export interface PackageGroups<T> {
  /** One layer each, sorted by name. */
  readonly own: readonly PackageFiles<T>[]
  /** All others, together one layer. */
  readonly rest: readonly PackageFiles<T>[]
}

/**
 * The largest packages, each for itself, and the rest. Sizes count as powers of two: a package that grows or shrinks within
 * its class moves nothing, and one that changes class changes places with one other at most, so an update sends few layers.
 */
export function groupPackages<T>(packages: readonly PackageFiles<T>[], rules: number): PackageGroups<T> {
  const most = Math.max(0, usualLayers - fixedLayers - rules)
  const large = packages
    .filter(({ size }) => size >= worthALayer)
    .sort((a, b) => classOf(b) - classOf(a) || compareBytes(a.name, b.name))
    .slice(0, most)
  const names = new Set(large.map(({ name }) => name))
  const inOrder = packages.toSorted((a, b) => compareBytes(a.name, b.name))
  return { own: inOrder.filter(({ name }) => names.has(name)), rest: inOrder.filter(({ name }) => !names.has(name)) }
}

/** Files by the package that each belongs to, with their sizes. */
export function packagesOf<T>(
  files: readonly T[],
  { nameOf, sizeOf }: { readonly nameOf: (file: T) => string; readonly sizeOf: (file: T) => number },
): readonly PackageFiles<T>[] {
  const byName = new Map<string, T[]>()
  for (const file of files) {
    const name = nameOf(file)
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [file])
    else known.push(file)
  }
  return [...byName].map(([name, own]) => ({ name, files: own, size: own.reduce((sum, file) => sum + sizeOf(file), 0) }))
}

function classOf({ size }: { readonly size: number }): number {
  return Math.floor(Math.log2(size))
}
