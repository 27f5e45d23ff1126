import { resolve } from 'node:path'
import { formatBytes } from '../../base/bytes.ts'
import { shortDigest } from '../../base/digest.ts'
import { origin } from '../../domain/build/metadata.ts'
import { tagOf } from '../../domain/chart/chart-file.ts'
import { type ChartImage, writeChart } from '../../domain/chart/chart-image.ts'
import { chartTypes } from '../../domain/chart/chart-types.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import type { task } from './task.ts'
import { describeWay, type Way } from './way.ts'

/** A Helm chart in the layout, as `helm push` would have it in a registry. @throws SW-CHART-INVALID, SW-TAR-…, SW-LAYOUT-… */
export async function buildChart(
  way: Extract<Way, { kind: 'chart' }>,
  input: InputOf<typeof task>,
  { created, context }: { readonly created: number; readonly context: Context<never> },
) {
  const { workspace } = context.files
  const { repository, commit: revision } = context.source
  const { chartVersion: version, appVersion, annotations } = input
  const layout = resolve(workspace, input.layout)
  const built = await writeChart({
    chart: way.chart,
    version,
    appVersion,
    annotations,
    origin: origin(repository, revision),
    created,
    layout,
  })
  const { chart, descriptor } = built
  const { digest, mediaType } = descriptor
  if (chart.deprecated === true)
    context.log.warn('the chart is deprecated, as its Chart.yaml says', { chart: chart.name, version: chart.version })
  return {
    outputs: { digest, image: `oci:${input.layout}:${chart.version}`, layout: input.layout },
    record: {
      subject: {
        digest,
        mediaType,
        layout: input.layout,
        platforms: [],
        version: tagOf(chart),
        ...(revision === undefined ? {} : { revision }),
      },
    },
    headline: headlineOf(built),
    summary: summaryOf(built, describeWay(way)),
    own: { engine: 'chart', because: way.why },
  }
}

/** `hello 1.4.0 · sha256:3f2a91… · 12.3 kB, new`. */
function headlineOf({ chart, descriptor, layers, before }: ChartImage): string {
  const size = layers.reduce((sum, one) => sum + one.size, 0)
  const state = layers.every(({ digest }) => before.has(digest)) ? 'unchanged' : 'new'
  return `${chart.name} ${chart.version} · ${shortDigest(descriptor.digest)} · ${formatBytes(size)}, ${state}`
}

function summaryOf({ chart, descriptor, layers, before }: ChartImage, way: string): readonly Block[] {
  const app = chart.appVersion === undefined ? '' : ` of ${chart.appVersion}`
  const what = `${chart.name} ${chart.version}${app}${chart.deprecated === true ? ', deprecated' : ''}`
  return [
    { kind: 'text', text: [descriptor.digest, what, way].join('\n') },
    {
      kind: 'table',
      title: 'Chart',
      columns: ['what', 'size', 'state', 'digest'],
      rows: layers.map(({ mediaType, size, digest }) => [
        mediaType === chartTypes.content ? 'archive' : 'provenance',
        formatBytes(size),
        before.has(digest) ? 'kept' : 'new',
        digest,
      ]),
    },
  ]
}
