import { posix } from 'node:path'
import * as v from 'valibot'
import { exists, factsOrNothing, list, readJson } from '../../io/files.ts'
import { planUnfit } from './errors.ts'
import { parseFile } from './schema.ts'

/** What `dotnet publish` has left in a folder. */
export interface Publish {
  /** Of the program, without an ending. */
  readonly name: string
  /** `Microsoft.AspNetCore.App` and `8.0`, by which the base is named. */
  readonly framework: { readonly name: string; readonly version: string } | undefined
  /** Whether the runtime is among the files. */
  readonly isSelfContained: boolean
  /** The package that a file belongs to, `runtime` for the runtime; undefined for the application itself. */
  readonly packageOf: (path: string) => string | undefined
}

const framework = v.object({ name: v.string(), version: v.string() })
const settingsFile = v.object({
  runtimeOptions: v.object({
    framework: v.optional(framework),
    frameworks: v.optional(v.array(framework)),
    includedFrameworks: v.optional(v.array(framework)),
  }),
})

const assets = v.optional(v.record(v.string(), v.object({ locale: v.optional(v.string()) })), {})
const library = v.object({ runtime: assets, native: assets, resources: assets, runtimeTargets: assets })

/** Of `NAME.deps.json` (github.com/dotnet/sdk, documentation/specs/runtime-configuration-file.md). */
const dependencyFile = v.object({
  runtimeTarget: v.object({ name: v.string() }),
  targets: v.record(v.string(), v.pipe(v.record(v.string(), library), v.maxEntries(20_000))),
  libraries: v.record(v.string(), v.object({ type: v.string() })),
})

/** Where a project has published, the folder itself when it is one. Absolute. @throws SW-BUILD-PLAN */
export async function findPublish(root: string): Promise<string> {
  if ((await programsIn(root)).length > 0) return root
  const found: string[] = []
  for (const framework of await foldersIn(`${root}/bin/Release`)) {
    for (const below of ['publish', ...(await foldersIn(`${root}/bin/Release/${framework}`)).map((name) => `${name}/publish`)]) {
      const folder = `${root}/bin/Release/${framework}/${below}`
      if ((await programsIn(folder)).length > 0) found.push(folder)
    }
  }
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw planUnfit(
    found.length === 0
      ? `${root} has no NAME.runtimeconfig.json, nor has bin/Release/*/publish.`
      : `${root} has published to several folders: ${found.map((folder) => posix.relative(root, folder)).join(', ')}.`,
    { hint: found.length === 0 ? 'dotnet publish -c Release' : `Name one: context: ${posix.relative(root, found[0] ?? root)}` },
  )
}

/** Reads what a folder that was published says of itself. @throws SW-BUILD-PLAN */
export async function readPublish(folder: string): Promise<Publish> {
  const programs = await programsIn(folder)
  const [name = ''] = programs
  if (programs.length !== 1)
    throw planUnfit(
      `${folder} has ${programs.length === 0 ? 'no program' : `the programs ${programs.join(', ')}`}, expected one NAME.runtimeconfig.json.`,
    )
  const { runtimeOptions } = parseFile(settingsFile, await readJson(`${folder}/${name}.runtimeconfig.json`), {
    name: `${name}.runtimeconfig.json`,
    fault: planUnfit,
  })
  const named = runtimeOptions.frameworks ?? (runtimeOptions.framework === undefined ? [] : [runtimeOptions.framework])
  const included = runtimeOptions.includedFrameworks ?? []
  const all = [...named, ...included]
  return {
    name,
    framework: all.find((one) => one.name === 'Microsoft.AspNetCore.App') ?? all[0],
    isSelfContained: included.length > 0,
    packageOf: await ownersIn(folder, name),
  }
}

async function ownersIn(folder: string, name: string): Promise<Publish['packageOf']> {
  const path = `${folder}/${name}.deps.json`
  if (!(await exists(path))) return () => undefined
  const { runtimeTarget, targets, libraries } = parseFile(dependencyFile, await readJson(path, 64 * 2 ** 20), {
    name: `${name}.deps.json`,
    fault: planUnfit,
  })
  const owners = new Map<string, string>()
  for (const [key, own] of Object.entries(targets[runtimeTarget.name] ?? {})) {
    const type = libraries[key]?.type
    if (type !== 'package' && type !== 'runtimepack') continue
    const owner = type === 'runtimepack' ? 'runtime' : key.replace(/\/[^/]*$/, '')
    for (const asset of [...Object.keys(own.runtime), ...Object.keys(own.native)]) owners.set(posix.basename(asset), owner)
    for (const [asset, { locale = '' }] of Object.entries(own.resources)) owners.set(posix.join(locale, posix.basename(asset)), owner)
    for (const asset of Object.keys(own.runtimeTargets)) owners.set(asset, owner)
  }
  return (file) => owners.get(file)
}

async function programsIn(folder: string): Promise<readonly string[]> {
  if ((await factsOrNothing(folder))?.kind !== 'directory') return []
  return (await list(folder)).flatMap(({ name }) => /^(.+)\.runtimeconfig\.json$/.exec(name)?.[1] ?? [])
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  if ((await factsOrNothing(folder))?.kind !== 'directory') return []
  return (await list(folder)).filter(({ kind }) => kind === 'directory').map(({ name }) => name)
}
