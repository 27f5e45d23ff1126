import { formatBytes, formatCount } from '../../base/bytes.ts'
import { shortDigest } from '../../base/digest.ts'
import type { ExplainedImage, ExplainedLayer, Explanation } from '../../domain/build/explain.ts'
import { formatPlatform } from '../../domain/oci/platform.ts'
import type { Told } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'

/** What `--explain` says: the layers and why they are ones, what runs, and what a change of one line would send again. */
export function explanationOf(explanation: Explanation): Told {
  return { headline: headlineOf(explanation), answer: { blocks: blocksOf(explanation), data: dataOf(explanation) } }
}

/** `one line changed sends 14.2 kB · 4 layers, 1.2 MB · plan node: package.json`. */
function headlineOf({ plan, images }: Explanation): string {
  const layers = new Map(images.flatMap((image) => image.layers.map(({ digest, sent }) => [digest, sent] as const)))
  const size = [...layers.values()].reduce((sum, sent) => sum + sent, 0)
  const [first] = images
  const change = first === undefined ? undefined : changeOf(first)
  return [
    ...(change === undefined ? [] : [`one line changed sends ${formatBytes(change.sent)}`]),
    `${layers.size} layer${layers.size === 1 ? '' : 's'}, ${formatBytes(size)}`,
    `plan ${plan.name}: ${plan.why}`,
  ].join(' · ')
}

function blocksOf({ plan, base, images }: Explanation): readonly Block[] {
  return [
    {
      kind: 'text',
      text: [`plan       ${plan.name}: ${plan.why}`, `base       ${base.name}${base.digest === undefined ? '' : ` (${base.digest})`}`].join(
        '\n',
      ),
    },
    ...images.flatMap(imageBlocks),
  ]
}

function imageBlocks(image: ExplainedImage): readonly Block[] {
  const { container, platform, layers, digest, metadata } = image
  const change = changeOf(image)
  const facts = [
    `platform   ${formatPlatform(platform)}`,
    `entrypoint ${container.Entrypoint === undefined ? 'none' : JSON.stringify(container.Entrypoint)}`,
    ...(container.Cmd === undefined ? [] : [`cmd        ${JSON.stringify(container.Cmd)}`]),
    `user       ${container.User}`,
    ...(container.WorkingDir === undefined ? [] : [`workdir    ${container.WorkingDir}`]),
    `digest     ${digest}`,
  ]
  return [
    { kind: 'text', text: facts.join('\n') },
    {
      kind: 'table',
      title: `Layers of ${formatPlatform(platform)}`,
      columns: ['layer', 'files', 'content', 'a change sends', 'digest', 'changes with', 'largest'],
      rows: layers.map(rowOf),
    },
    {
      kind: 'text',
      text:
        change === undefined
          ? `A change in a layer sends that layer, and ${formatBytes(metadata)} of configuration and manifest.`
          : `One line changed in ${change.layer.name} sends ${formatBytes(change.sent)}: the layer, ${formatBytes(change.layer.sent)}, and configuration and manifest, ${formatBytes(metadata)}. ${formatBytes(change.stays)} in ${formatCount(layers.length - 1)} other layers stay where they are.`,
    },
  ]
}

function rowOf({ name, why, digest, sent, content }: ExplainedLayer): readonly string[] {
  return [
    name,
    content === undefined ? '' : formatCount(content.files),
    content === undefined ? '' : formatBytes(content.size),
    formatBytes(sent),
    shortDigest(digest),
    why,
    content?.largest.map(({ path, size }) => `${path} ${formatBytes(size)}`).at(0) ?? '',
  ]
}

/** What a change of one line of the application would send, in bytes; undefined where any layer may be the application. */
function changeOf({
  layers,
  metadata,
}: ExplainedImage): { readonly layer: ExplainedLayer; readonly sent: number; readonly stays: number } | undefined {
  const layer = layers.find(({ isApplication }) => isApplication)
  if (layer === undefined) return undefined
  const all = layers.reduce((sum, { sent }) => sum + sent, 0)
  return { layer, sent: layer.sent + metadata, stays: all - layer.sent }
}

function dataOf({ plan, base, images }: Explanation): Told['answer']['data'] {
  return {
    plan: { name: plan.name, why: plan.why },
    base: { name: base.name, digest: base.digest },
    images: images.map((image) => ({
      platform: formatPlatform(image.platform),
      digest: image.digest,
      entrypoint: image.container.Entrypoint,
      cmd: image.container.Cmd,
      user: image.container.User,
      workdir: image.container.WorkingDir,
      metadata: image.metadata,
      layers: image.layers.map(({ name, why, digest, sent, content, isApplication }) => ({
        ...{ name, why, digest, sent, isApplication },
        files: content?.files,
        size: content?.size,
        largest: content?.largest.map(({ path, size }) => ({ path, size })),
      })),
      oneLine: changeOf(image)?.sent,
    })),
  }
}
