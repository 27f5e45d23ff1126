import { Readable } from 'node:stream'
import { decompress } from '../../io/decompress.ts'
import { readTar } from '../../io/tar-reader.ts'
import { type ChartFile, parseChartFile } from './chart-file.ts'
import { chartInvalid } from './errors.ts'

const limits = { all: 100 * 2 ** 20, chartYaml: 2 ** 20, entries: 10_000 }

/** Reads the Chart.yaml of a packed chart, and all of the archive for damage; `where` names it. @throws SW-CHART-INVALID, SW-TAR-…, SW-COMPRESSED-… */
export async function readChartArchive(bytes: Buffer, where: string): Promise<ChartFile> {
  const tar = decompress(Readable.from([bytes]), 'gzip', { size: limits.all })
  let chart: ChartFile | undefined
  const roots = new Set<string>()
  for await (const { header, body } of readTar(tar, { entries: limits.entries, size: limits.all })) {
    const [root = '', ...rest] = header.path.split('/')
    if (root === '' || root === '..' || rest.includes('..'))
      throw chartInvalid(`${where} has ${JSON.stringify(header.path)}, which leaves it.`)
    roots.add(root)
    if (rest.join('/') !== 'Chart.yaml') continue
    if (header.size > limits.chartYaml) throw chartInvalid(`${where} has a Chart.yaml of ${header.size} bytes.`)
    chart = parseChartFile(await whole(body), `${where}: ${header.path}`)
  }
  if (chart === undefined || roots.size !== 1)
    throw chartInvalid(`${where} is no packed chart: expected one folder with Chart.yaml, found ${roots.size} at its top.`)
  return chart
}

async function whole(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
