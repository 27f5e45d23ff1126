import { posix } from 'node:path'
import { exists, type WalkedFile } from '../../io/files.ts'
import { formatPlatform } from '../oci/platform.ts'
import { readContext } from './context.ts'
import { findPublish, type Publish, readPublish } from './dotnet-publish.ts'
import { baseNeeded, noEntrypoint, platformUnfit } from './errors.ts'
import { applicationLayer, applyRules, destinationOf, layerIfAny, type Plan, type PlanOptions } from './layer-plan.ts'
import { elfOf } from './libraries.ts'
import { packageLayers } from './package-layers.ts'

/** What `dotnet publish` left: packages by `NAME.deps.json`, the runtime when it is among them, the application. @throws SW-BUILD-BASE-NEEDED, SW-BUILD-PLAN */
export async function planDotnet(root: string, options: PlanOptions): Promise<Plan> {
  const folder = await findPublish(root)
  const publish = await readPublish(folder)
  requireBase(options, publish)
  const context = await readContext(folder, options)
  const { layers, rest } = await ruled(root, { folder, context, options })
  const workdir = destinationOf(options)
  const files = rest.filter(({ kind }) => kind !== 'directory')
  const own = (name: string | undefined): WalkedFile[] => files.filter(({ path }) => publish.packageOf(path) === name)
  const packages = files.filter(({ path }) => ![undefined, 'runtime'].includes(publish.packageOf(path)))
  return {
    name: 'dotnet',
    layers: [
      ...layers,
      ...layerIfAny({ name: 'runtime', why: 'the .NET runtime: its updates' }, own('runtime'), workdir),
      ...packageLayers(packages, { nameOf: (path) => publish.packageOf(path) ?? '', rules: options.rules.length, to: workdir }),
      ...layerIfAny(applicationLayer, own(undefined), workdir),
    ],
    ...(options.needsStart ? { start: await startOf(publish, { folder, workdir, options }) } : {}),
    env: {},
    workdir,
    credentials: context.credentials,
  }
}

/** Rules speak of the context, which may be the project above the folder that was published. */
async function ruled(
  root: string,
  { folder, context, options }: { folder: string; context: Awaited<ReturnType<typeof readContext>>; options: PlanOptions },
): Promise<ReturnType<typeof applyRules>> {
  if (folder === root || options.rules.length === 0) return applyRules(options.rules, context)
  return { layers: applyRules(options.rules, await readContext(root, options)).layers, rest: context.files }
}

async function startOf(
  { name, isSelfContained }: Publish,
  { folder, workdir, options: { platform } }: { folder: string; workdir: string; options: PlanOptions },
): Promise<NonNullable<Plan['start']>> {
  if (!isSelfContained) return { runtime: 'dotnet', args: [`${name}.dll`] }
  const program = `${folder}/${name}`
  const elf = (await exists(program)) ? await elfOf(program) : undefined
  if (elf === undefined) throw noEntrypoint(`${folder} has no program ${name} for Linux.`, { hint: 'dotnet publish -c Release --os linux' })
  if (elf.architecture !== platform.architecture)
    throw platformUnfit(
      `${name} is a program for ${elf.architecture ?? 'another processor'}, and the image is for ${formatPlatform(platform)}.`,
      {
        hint: `dotnet publish -c Release --os linux --arch ${platform.architecture === 'amd64' ? 'x64' : platform.architecture}`,
      },
    )
  return { program: [posix.join(workdir, name)] }
}

function requireBase({ onScratch, needsStart, rules }: PlanOptions, { framework, isSelfContained }: Publish): void {
  if (!onScratch || (!needsStart && rules.length > 0)) return
  const version = /^\d+\.\d+/.exec(framework?.version ?? '')?.[0] ?? '10.0'
  const image = isSelfContained ? 'runtime-deps' : framework?.name === 'Microsoft.AspNetCore.App' ? 'aspnet' : 'runtime'
  throw baseNeeded(`A .NET program needs a base that has ${isSelfContained ? 'a C library' : 'its runtime'}, and scratch has none.`, {
    hint: `Set base: mcr.microsoft.com/dotnet/${image}:${version}`,
  })
}
