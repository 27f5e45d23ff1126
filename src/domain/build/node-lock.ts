import { posix } from 'node:path'
import { exists, readJson } from '../../io/files.ts'
import { dependenciesUnusable } from './errors.ts'
import { type LockedPackage, lockFile, type PackageFile, packageFile, parseFile } from './schema.ts'

/** What npm would install for production: folders relative to the project, `node_modules/a` or `packages/b/node_modules/c`. */
export interface ProductionPackages {
  readonly packages: ReadonlyMap<string, LockedPackage>
  /** Folders that have a `node_modules` of their own: the project, as `''`, and its workspaces. */
  readonly roots: readonly string[]
  /** Whether the lock knows a folder at all, for development or for another platform. */
  knows(folder: string): boolean
}

const limit = 64 * 2 ** 20

/** Reads `package.json` of a folder; undefined when there is none. @throws SW-BUILD-DEPENDENCIES */
export async function readPackage(root: string): Promise<PackageFile | undefined> {
  const path = `${root}/package.json`
  return (await exists(path))
    ? parseFile(packageFile, await readJson(path), { name: 'package.json', fault: dependenciesUnusable })
    : undefined
}

/**
 * The production packages of an npm lock file, as `npm ci --omit=dev` would install them; undefined when the project
 * has no dependencies. @throws SW-BUILD-DEPENDENCIES
 */
export async function readProductionPackages(root: string, project: PackageFile): Promise<ProductionPackages | undefined> {
  const name = await lockName(root)
  const wanted = { ...project.dependencies, ...project.optionalDependencies }
  if (name === undefined) {
    if (Object.keys(wanted).length === 0) return undefined
    throw await lockMissing(root, Object.keys(wanted).length)
  }
  const { lockfileVersion, packages } = parseFile(lockFile, await readJson(`${root}/${name}`, limit), { name, fault: dependenciesUnusable })
  if (lockfileVersion !== 2 && lockfileVersion !== 3) {
    throw dependenciesUnusable(`${name} has version ${lockfileVersion}, expected 2 or 3.`, { hint: 'npm install --lockfile-version 3' })
  }
  requireInStep(name, packages[''], project)
  return productionOf(name, packages)
}

function productionOf(name: string, packages: Readonly<Record<string, LockedPackage>>): ProductionPackages {
  const entries = Object.entries(packages).filter(([folder]) => folder !== '')
  const odd = entries.find(([folder]) => posix.normalize(folder) !== folder || posix.isAbsolute(folder))
  if (odd !== undefined) throw dependenciesUnusable(`${name} has an entry for ${JSON.stringify(odd[0])}, expected a relative folder.`)
  // What lies outside is reached by a link only, which is refused where it is taken.
  const within = entries.filter(([folder]) => folder !== '..' && !folder.startsWith('../'))
  return {
    packages: new Map(within.filter(([folder, { dev, extraneous }]) => isInstalled(folder) && !dev && !extraneous)),
    roots: ['', ...within.filter(([folder]) => !isInstalled(folder)).map(([folder]) => folder)],
    knows: (folder) => Object.hasOwn(packages, folder),
  }
}

function isInstalled(folder: string): boolean {
  return /(?:^|\/)node_modules\//.test(folder)
}

/** npm-shrinkwrap.json wins over package-lock.json, as in npm. */
async function lockName(root: string): Promise<string | undefined> {
  for (const name of ['npm-shrinkwrap.json', 'package-lock.json']) if (await exists(`${root}/${name}`)) return name
  return undefined
}

async function lockMissing(root: string, count: number): Promise<Error> {
  const has = `package.json names ${count} dependenc${count === 1 ? 'y' : 'ies'}, and there is no package-lock.json`
  for (const [file, tool] of Object.entries({ 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'Yarn', 'bun.lock': 'Bun', 'bun.lockb': 'Bun' })) {
    if (!(await exists(`${root}/${file}`))) continue
    return dependenciesUnusable(`${has}, but a ${file}: which packages ${tool} installs for production is not known here.`, {
      hint: `Install into a folder of its own and say what goes into the image: layers: ["deploy/node_modules:/app/node_modules", "dist:/app/dist"]`,
    })
  }
  return dependenciesUnusable(`${has}.`, { hint: 'npm install --package-lock-only && npm ci' })
}

/** As `npm ci`, which refuses a lock that was not written for this `package.json`. */
function requireInStep(name: string, locked: LockedPackage | undefined, project: PackageFile): void {
  for (const field of ['dependencies', 'optionalDependencies'] as const) {
    const there = locked?.[field] ?? {}
    const changed = Object.keys({ ...there, ...project[field] }).find((key) => there[key] !== project[field][key])
    if (changed === undefined) continue
    const [seen, expected] = [there[changed] ?? 'nothing', project[field][changed] ?? 'nothing']
    throw dependenciesUnusable(`${name} has ${changed} ${seen}, package.json asks for ${expected}.`, { hint: 'npm install' })
  }
}
