import { join, resolve } from 'node:path'
import type { ChosenEngine } from '../../domain/engine/choose.ts'
import { dockerfileIn, requireDockerfile } from '../../domain/engine/dockerfile.ts'
import { factsOrNothing } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { refuseInputs } from './inputs-of-engines.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** How the image comes about. */
export type Way =
  | { readonly kind: 'native'; readonly why: string }
  /** Another program has made it already. */
  | { readonly kind: 'layout'; readonly why: string; readonly folder: string }
  /** No image: a Helm chart. */
  | { readonly kind: 'chart'; readonly why: string; readonly chart: string }
  | ({ readonly kind: 'dockerfile'; readonly file: string } & ChosenEngine)

/** The engine asked for, else the one that fits the context; inputs that are another engine's are refused. @throws SW-ENGINE-… */
export async function chooseWay(input: Input, context: Context<never>): Promise<Way> {
  const { workspace } = context.files
  const folder = resolve(workspace, input.context)
  const file = input.file === undefined ? undefined : resolve(workspace, input.file)
  const way = await wayOf(input, { folder, file, context })
  refuseInputs(input, way.kind, way.kind === 'dockerfile' ? way.engine.name : input.engine)
  if (way.kind !== 'native') context.log.info('engine chosen', { engine: nameOf(way), because: way.why })
  return way
}

/** As the summary and the record name it: `buildah 1.28.2`. */
export function nameOf(way: Way): string {
  return way.kind === 'dockerfile' ? `${way.engine.name} ${way.engine.version}` : way.kind
}

/** `engine buildah 1.28.2: there is a Dockerfile; no buildx: docker is not on PATH`. */
export function describeWay(way: Way): string {
  return `engine ${nameOf(way)}: ${way.why}`
}

async function wayOf(
  { engine: asked, builder }: Input,
  { folder, file, context }: { readonly folder: string; readonly file: string | undefined; readonly context: Context<never> },
): Promise<Way> {
  if (asked === 'layout') return { kind: 'layout', why: 'as asked', folder }
  if (asked === 'native') return { kind: 'native', why: 'as asked' }
  if (asked === 'chart') return { kind: 'chart', why: 'as asked', chart: folder }
  const own = file ?? (await dockerfileIn(folder))
  if (asked === 'auto' && own === undefined) {
    const isChart = (await factsOrNothing(join(folder, 'Chart.yaml')))?.kind === 'file'
    if (isChart) return { kind: 'chart', why: 'the context has Chart.yaml and no Dockerfile', chart: folder }
    return { kind: 'native', why: 'the context has no Dockerfile' }
  }
  const dockerfile = await requireDockerfile(folder, own)
  const { chooseEngine } = await import('../../domain/engine/choose.ts')
  return { kind: 'dockerfile', file: dockerfile, ...(await chooseEngine(asked, context, builder)) }
}
