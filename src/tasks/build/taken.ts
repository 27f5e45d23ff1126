import { relative, resolve } from 'node:path'
import { origin } from '../../domain/build/metadata.ts'
import { buildDockerfile, type TakenImage, takeImage } from '../../domain/engine/build-dockerfile.ts'
import { hintsOf } from '../../domain/engine/hints.ts'
import { imagesNamed } from '../../domain/engine/images.ts'
import { keylessLogins } from '../../domain/engine/logins.ts'
import { requireSuccess } from '../../domain/engine/maker.ts'
import type { DockerfileRequest } from '../../domain/engine/request.ts'
import { keepSecrets, parseSecrets } from '../../domain/engine/secrets.ts'
import { baseOfStages, type Stage, stagesOf } from '../../domain/engine/stages.ts'
import { openLayout, resolveEntry } from '../../domain/oci/layout.ts'
import type { Platform } from '../../domain/oci/types.ts'
import type { CompressOptions } from '../../io/compress.ts'
import { readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'
import type { Way } from './way.ts'

type Input = InputOf<typeof task>

/** What is the same for every engine, and has been read already. */
export interface Common {
  readonly platforms: readonly Platform[]
  readonly compression: CompressOptions
  /** Seconds since 1970. */
  readonly created: number
}

/** An image that another program makes, or has made, taken into the layout. */
export async function buildElsewhere(
  way: Exclude<Way, { kind: 'native' | 'chart' }>,
  input: Input,
  { common, context }: { readonly common: Common; readonly context: Context<never> },
): Promise<TakenImage> {
  const { workspace } = context.files
  const { repository, commit } = context.source
  const layout = resolve(workspace, input.layout)
  const annotations = { ...origin(repository, commit), ...input.annotations }
  if (way.kind === 'layout') {
    if (input.exitCode !== undefined) await requireSuccess(input.exitCode, workspace)
    const from = await openLayout(way.folder)
    return takeImage([{ layout: from, root: await resolveEntry(from) }], { annotations, layout, compression: common.compression }, context)
  }
  const text = await readText(way.file)
  const stages = stagesOf(text, input.buildArgs)
  giveHints(stages, way.file, context)
  // buildah names any image of its store that has the same content.
  const base = baseOfStages(stages, input.target)
  const named = base === undefined ? {} : { 'org.opencontainers.image.base.name': base }
  const images = imagesNamed(stages, { text, caches: [...input.cacheFrom, ...input.cacheTo], generator: input.sbomGenerator })
  const request = {
    ...(await requestOf(way.file, input, { common, context })),
    ...{ annotations: { ...named, ...annotations }, layout },
    logins: await keylessLogins(images, context),
  }
  return buildDockerfile(way.engine, request, context)
}

async function requestOf(
  file: string,
  input: Input,
  { common, context }: { readonly common: Common; readonly context: Context<never> },
): Promise<Omit<DockerfileRequest, 'annotations' | 'logins'>> {
  const { workspace, temporary } = context.files
  const { target, buildArgs, labels, network, cacheFrom, cacheTo, provenance, sbom, sbomGenerator, timeout } = input
  const values = parseSecrets(input.secrets ?? '')
  const given = { values, files: input.secretFiles, workspace }
  const isEmpty = values.size === 0 && Object.keys(input.secretFiles).length === 0
  const secrets = isEmpty ? [] : await keepSecrets(given, { folder: await temporary('secrets'), secrets: context.secrets })
  return {
    ...common,
    context: resolve(workspace, input.context),
    file,
    target,
    buildArgs,
    secrets,
    labels,
    network,
    cacheFrom,
    cacheTo,
    provenance,
    sbom,
    sbomGenerator,
    timeout,
  }
}

function giveHints(stages: readonly Stage[], file: string, { files, annotate }: Context<never>): void {
  for (const { line, title, message } of hintsOf(stages)) {
    annotate({ level: 'notice', title, message, file: relative(files.workspace, file), line })
  }
}
