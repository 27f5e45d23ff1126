import { join, relative, resolve } from 'node:path'
import { parseBase } from '../../domain/build/base-name.ts'
import { buildImage, layoutTag } from '../../domain/build/build.ts'
import { programUnfit, settingInvalid } from '../../domain/build/errors.ts'
import { explainImage } from '../../domain/build/explain.ts'
import type { ImageLayer } from '../../domain/build/image.ts'
import type { NodeRuntime } from '../../domain/build/node-runtime.ts'
import { machinePlatform, parsePlatforms } from '../../domain/build/platforms.ts'
import type { BuildRequest, BuiltImage } from '../../domain/build/request.ts'
import { formatPlatform } from '../../domain/oci/platform.ts'
import { type Context, type InputOf, implement, type Told } from '../../spec/define.ts'
import { changedFiles } from './changed-files.ts'
import { explanationOf } from './explanation.ts'
import { cacheFolder, cacheOf, compressionOf, warnOfCompression } from './layer-settings.ts'
import { headline, summarise } from './summary.ts'
import { task } from './task.ts'
import { chooseWay, describeWay, nameOf, type Way } from './way.ts'

export const run = implement(task, async (input, context) => {
  const node = runningNode()
  const way = await chooseWay(input, context)
  const common = {
    platforms: parsePlatforms(input.platforms, node.platform),
    created: createdAt(input, context),
    compression: compressionOf(input),
  }
  if (input.explain) return explainFiles(input, context, node)
  // Charts are loaded for those who have one.
  if (way.kind === 'chart') return (await import('./chart.ts')).buildChart(way, input, { created: common.created, context })
  const changes = countChanges(way, input, context)
  // What reads Dockerfiles is loaded for those who have one.
  const built =
    way.kind === 'native'
      ? await buildFromFiles(input, context, node)
      : await (await import('./taken.ts')).buildElsewhere(way, input, { common, context })
  const { digest, mediaType } = built.descriptor
  const { commit: revision } = context.source
  warnOfChanges(await changes, context)
  return {
    outputs: { digest, image: `oci:${input.layout}:${layoutTag}`, layout: input.layout },
    record: {
      subject: {
        digest,
        mediaType,
        layout: input.layout,
        platforms: built.images.map(({ platform, descriptor, size, layers }) => ({
          platform: formatPlatform(platform),
          digest: descriptor.digest,
          size,
          ...baseLayersOf(layers),
        })),
        ...(built.base === undefined ? {} : { base: built.base }),
        ...(revision === undefined ? {} : { revision }),
      },
    },
    headline: headline(built),
    summary: summarise(built, describeWay(way)),
    // Compressed bytes, and with them digests, are equal only where this is.
    own: {
      engine: nameOf(way),
      because: way.why,
      ...(built.plan === undefined ? {} : { plan: built.plan.name }),
      ...(built.encoder === undefined ? {} : { encoder: built.encoder }),
    },
  }
})

/** Counted while the image is built; not where another program has made it before. */
async function countChanges(
  way: Way,
  input: InputOf<typeof task>,
  { source, files, process }: Context<never>,
): Promise<number | undefined> {
  if (source.commit === undefined || way.kind === 'layout') return undefined
  return changedFiles(resolve(files.workspace, input.context), { process, cwd: files.workspace })
}

/** Layers of a base image are not opened; a base that was made here is ours. */
function baseLayersOf(layers: readonly ImageLayer[]): { readonly baseLayers?: number } {
  const baseLayers = layers.filter(({ files }) => files === undefined).length
  return baseLayers === 0 || baseLayers === layers.length ? {} : { baseLayers }
}

function warnOfChanges(count = 0, { log, source }: Pick<Context<never>, 'log' | 'source'>): void {
  if (count > 0) log.warn('files differ from the commit that the image names', { commit: source.commit, changed: count })
}

async function explainFiles(input: InputOf<typeof task>, context: Context<never>, node: NodeRuntime): Promise<Told> {
  const explanation = await explainImage(await requestOf(input, context, node), { ...context, node })
  warnOfCredentials(explanation, resolve(context.files.workspace, input.context), context)
  return explanationOf(explanation)
}

async function buildFromFiles(input: InputOf<typeof task>, context: Context<never>, node: NodeRuntime): Promise<BuiltImage> {
  const built = await buildImage(await requestOf(input, context, node), { ...context, node, cache: await cacheOf(input, context) })
  warnOfCredentials(built, resolve(context.files.workspace, input.context), context)
  return built
}

async function requestOf(input: InputOf<typeof task>, context: Context<never>, node: NodeRuntime): Promise<BuildRequest> {
  const { workspace, state } = context.files
  const cache = cacheFolder(input, context.files)
  const compression = compressionOf(input)
  warnOfCompression(compression, context)
  const { env, workdir, user, allowRoot, labels, ports, entrypoint, cmd, stopSignal, plan, layers, annotations } = input
  return {
    context: resolve(workspace, input.context),
    plan,
    layers,
    base:
      input.base === undefined
        ? undefined
        : parseBase(input.base, { workspace, ports: context, layers: input.baseLayers, pushTo: input.pushTo }),
    programs: await Promise.all(input.programs.map((program) => findProgram(program, context))),
    platforms: parsePlatforms(input.platforms, node.platform),
    settings: { env, workdir, user, allowRoot, labels, ports, entrypoint, cmd, stopSignal },
    annotations,
    source: context.source.repository,
    revision: context.source.commit,
    created: createdAt(input, context),
    layout: resolve(workspace, input.layout),
    compression,
    own: [state, ...(cache === undefined ? [] : [cache])],
  }
}

async function findProgram(program: string, { process }: Context<never>): Promise<string> {
  if (program.startsWith('/')) return program
  const found = program.includes('/') ? undefined : await process.find(program)
  if (found !== undefined) return found
  throw programUnfit(`programs has ${JSON.stringify(program)}, expected a program on PATH or an absolute path.`, {
    hint: `Install it on the machine that builds: which '${program}'`,
  })
}

function createdAt({ sourceDateEpoch }: InputOf<typeof task>, { environment }: Context<never>): number {
  return sourceDateEpoch ?? epochOf(environment['SOURCE_DATE_EPOCH'])
}

/** reproducible-builds.org/specs/source-date-epoch: anything but a whole number is an error. */
function epochOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text)
  throw settingInvalid(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, expected whole seconds since 1970.`, {
    hint: 'Set it to: git log -1 --format=%ct',
  })
}

/** A distribution's build leaves out of itself what it then loads from files, undici first of all (Node's BUILDING.md). */
function runningNode(): NodeRuntime {
  const builtins: unknown = Object(process.config.variables)['node_builtin_shareable_builtins']
  const isSplit = Array.isArray(builtins) && !builtins.some((name) => String(name).includes('undici'))
  return { program: process.execPath, version: process.version, platform: machinePlatform(process.platform, process.arch), isSplit }
}

function warnOfCredentials(
  { credentials }: Pick<BuiltImage, 'credentials'>,
  folder: string,
  { log, annotate, files }: Context<never>,
): void {
  for (const { path, isTaken } of credentials) {
    const message = isTaken
      ? 'a file with the name of a credential is in the image'
      : 'a file with the name of a credential was left out of the image'
    log.warn(message, { path })
    const file = relative(files.workspace, join(folder, path))
    if (isTaken)
      annotate({
        level: 'warning',
        title: 'Credential in the image?',
        message: 'Everyone who can pull the image can read this file.',
        file,
      })
  }
}
