import type { WalkedFile } from '../../io/files.ts'
import { readContext } from './context.ts'
import { planUnfit } from './errors.ts'
import { applicationLayer, applyRules, destinationOf, layerIfAny, type Plan, type PlanOptions } from './layer-plan.ts'
import { readPackage, readProductionPackages } from './node-lock.ts'
import { collectModules } from './node-modules.ts'
import { requirePlatform } from './node-native.ts'
import { startOf } from './node-start.ts'
import { packageLayers } from './package-layers.ts'

/** Top folders whose files are served rather than run. */
const assetFolders = ['assets', 'public', 'static']

/**
 * A Node project in layers, so that a change in one sends only that one again: production packages, the largest each for
 * itself, the application, its static assets. Nothing is installed and nothing in the project is changed.
 */
export async function planNode(root: string, options: PlanOptions): Promise<Plan> {
  const project = await readPackage(root)
  if (project === undefined) throw planUnfit(`plan is node and ${root} has no package.json.`)
  const production = await readProductionPackages(root, project)
  const modules = new Set((production?.roots ?? ['']).map((folder) => (folder === '' ? 'node_modules' : `${folder}/node_modules`)))
  const context = await readContext(root, { ...options, without: (path) => modules.has(path) })
  const packages = production === undefined ? [] : await collectModules(root, production)
  if (production !== undefined) requirePlatform(options, production, packages)
  const { layers, rest } = applyRules(options.rules, context)
  const [assets, application] = split(rest, ({ path }) => assetFolders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
  const workdir = destinationOf(options)
  const files = new Set(context.files.filter(({ kind }) => kind === 'file').map(({ path }) => path))
  return {
    name: 'node',
    layers: [
      ...layers,
      ...packageLayers(packages, { nameOf: packageOf, rules: options.rules.length, to: workdir }),
      ...layerIfAny(applicationLayer, application, workdir),
      ...layerIfAny({ name: 'assets', why: `${assetFolders.join(', ')}: what is served rather than run` }, assets, workdir),
    ],
    ...(options.needsStart ? { start: { runtime: 'node' as const, args: startOf(project, (path) => files.has(path)) } } : {}),
    env: { NODE_ENV: 'production' },
    workdir,
    credentials: context.credentials,
  }
}

/** A package with those that are installed within it: `a` of node_modules/a/node_modules/b. */
function packageOf(path: string): string {
  const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  return name ?? ''
}

function split(files: readonly WalkedFile[], first: (file: WalkedFile) => boolean): readonly [WalkedFile[], WalkedFile[]] {
  return [files.filter(first), files.filter((file) => !first(file))]
}
