import type { WalkedFile } from '../../io/files.ts'
import { type LayerPlan, layerIfAny } from './layer-plan.ts'
import { groupPackages, packagesOf } from './package-groups.ts'

/** The layers of the files of packages: the largest each for itself, then `dependencies` with the rest. */
export function packageLayers(
  files: readonly WalkedFile[],
  { nameOf, rules, to }: { readonly nameOf: (path: string) => string; readonly rules: number; readonly to: string },
): readonly LayerPlan[] {
  const packages = packagesOf(files, { nameOf: ({ path }) => nameOf(path), sizeOf: ({ kind, size }) => (kind === 'file' ? size : 0) })
  const { own, rest } = groupPackages(packages, rules)
  return [
    ...own.flatMap(({ name, files: its }) => layerIfAny({ name: `dependency ${name}`, why: 'a large package: its updates' }, its, to)),
    ...layerIfAny(
      { name: 'dependencies', why: own.length === 0 ? 'packages: their updates' : 'all other packages: their updates' },
      rest.flatMap(({ files: its }) => its),
      to,
    ),
  ]
}
