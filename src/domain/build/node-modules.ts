import { dirname, posix } from 'node:path'
import { facts, factsOrNothing, list, readSmallSync, resolveInside, type WalkedFile, walk } from '../../io/files.ts'
import { dependenciesUnusable } from './errors.ts'
import type { ProductionPackages } from './node-lock.ts'
import type { LockedPackage } from './schema.ts'

/**
 * The files of the production packages, with paths relative to the project, taken from `node_modules` as it is installed.
 * A package that is missing, of another version or unknown to the lock is refused: the image would not be what was tested.
 * @throws SW-BUILD-DEPENDENCIES, SW-PATH-OUTSIDE for one below a link that leads out of the project
 */
export async function collectModules(root: string, production: ProductionPackages): Promise<readonly WalkedFile[]> {
  const faults: string[] = []
  const present = await installed(root, production, faults)
  // What lies in a linked folder belongs to the folder that it links to.
  const folders = [...production.roots, ...present.filter((folder) => production.packages.get(folder)?.link !== true)]
  faults.push(...(await unknown(root, folders, production)))
  if (faults.length > 0) throw outOfStep(faults)
  const files: WalkedFile[] = []
  for (const folder of present) files.push(...(await filesOf(root, folder)))
  for (const folder of folders) files.push(...(await programsOf(root, folder, new Set(present))))
  return files
}

/** The locked folders that are there and hold the locked version. */
async function installed(root: string, { packages }: ProductionPackages, faults: string[]): Promise<readonly string[]> {
  const present: string[] = []
  const inside = new Set<string>()
  for (const [folder, locked] of packages) {
    const there = await factsOrNothing(`${root}/${folder}`)
    // Optional packages are left out by npm where they do not fit the platform.
    if (there === undefined && (locked.optional || locked.devOptional)) continue
    const parent = dirname(folder)
    if (!inside.has(parent)) await resolveInside(root, parent)
    inside.add(parent)
    const fault = there === undefined ? `${folder} is not installed` : await versionFault(root, folder, locked)
    if (fault === undefined) present.push(folder)
    else faults.push(fault)
  }
  return present
}

async function versionFault(root: string, folder: string, locked: LockedPackage): Promise<string | undefined> {
  if (locked.link) return undefined
  const { target } = await facts(`${root}/${folder}`)
  if (target !== undefined) return `${folder} is a symbolic link to ${target}`
  if (locked.version === undefined) return undefined
  if ((await factsOrNothing(`${root}/${folder}/package.json`)) === undefined) return `${folder} has no package.json`
  const [text] = readSmallSync([`${root}/${folder}/package.json`])
  const version = versionOf(text)
  return version === locked.version ? undefined : `${folder} is ${version ?? 'of no known version'}, the lock has ${locked.version}`
}

function versionOf(text: Buffer | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(text?.toString('utf8').replace(/^\ufeff/, '') ?? '')
    return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string'
      ? value.version
      : undefined
  } catch {
    return undefined
  }
}

/** Packages that are there and in no lock: what runs here would not run in the image. */
async function unknown(root: string, folders: readonly string[], { knows }: ProductionPackages): Promise<readonly string[]> {
  const found: string[] = []
  for (const folder of folders) {
    for (const name of await packagesIn(root, posix.join(folder, 'node_modules'))) {
      if (!knows(name)) found.push(`${name} is installed, and not in the lock`)
    }
  }
  return found
}

/** `node_modules/a` and `node_modules/@scope/b`; names with a dot in front are npm's own. */
async function packagesIn(root: string, modules: string): Promise<readonly string[]> {
  if ((await factsOrNothing(`${root}/${modules}`))?.kind !== 'directory') return []
  const found: string[] = []
  for (const { name, kind } of await list(`${root}/${modules}`)) {
    if (name.startsWith('.') || kind === 'file') continue
    if (!name.startsWith('@')) found.push(`${modules}/${name}`)
    else for (const inner of await list(`${root}/${modules}/${name}`)) found.push(`${modules}/${name}/${inner.name}`)
  }
  return found
}

/** A package without the packages in it: those have an entry of their own in the lock. */
async function filesOf(root: string, folder: string): Promise<readonly WalkedFile[]> {
  const absolute = `${root}/${folder}`
  const itself: WalkedFile = { path: folder, absolute, ...(await facts(absolute)) }
  if (itself.kind !== 'directory') return [itself]
  const files = [itself]
  const take = (path: string): boolean => path !== 'node_modules'
  for await (const file of walk(absolute, { take })) files.push({ ...file, path: `${folder}/${file.path}` })
  return files
}

/** The links in `node_modules/.bin` that lead into a package that is taken. */
async function programsOf(root: string, folder: string, taken: ReadonlySet<string>): Promise<readonly WalkedFile[]> {
  const programs = posix.join(folder, 'node_modules/.bin')
  if ((await factsOrNothing(`${root}/${programs}`))?.kind !== 'directory') return []
  const files: WalkedFile[] = []
  for await (const file of walk(`${root}/${programs}`)) {
    const path = `${programs}/${file.path}`
    if (file.target !== undefined && taken.has(packageOf(posix.join(dirname(path), file.target)))) files.push({ ...file, path })
  }
  return files
}

function packageOf(path: string): string {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? ''
}

function outOfStep(faults: readonly string[]): Error {
  const shown = faults.slice(0, 5).join('; ')
  const more = faults.length > 5 ? `; and ${faults.length - 5} more` : ''
  return dependenciesUnusable(`node_modules is not what the lock says: ${shown}${more}.`, { hint: 'npm ci' })
}
