// How fast our client sends a blob to a registry that throws it away: what the client itself costs.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { slipway } from './builders.ts'
import { writeCorpus } from './corpus.ts'
import type { Options } from './images.ts'
import { measure, prepare, type Sample } from './measure.ts'
import { print, table } from './table.ts'

const bytes = 1000e6

/** One layer of a gigabyte, pushed in a process of its own. */
export async function benchSink({ folder, rounds }: Options): Promise<void> {
  const work = join(folder, 'sink')
  writeCorpus(join(work, 'layer'), { name: '', files: 40, bytes })
  await prepare(
    slipway(work, 'build', '--base', 'scratch', '--entrypoint', '["/none"]', '--compression', 'none', '--layers', 'layer:/layer'),
  )
  const samples: Sample[] = []
  for (let round = 0; round <= rounds; round++) {
    const sink = spawn(process.execPath, [join(import.meta.dirname, 'sink-server.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const address = await new Promise<string>((resolve) =>
      sink.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim())),
    )
    const sample = await measure([slipway(work, 'push', '--image', `${address}/image`)])
    if (round > 0) samples.push(sample)
    sink.kill()
  }
  print(`\npush of one layer of ${bytes / 1e6} MB to a registry that keeps no blob, as a whole process\n`)
  print(table([{ name: 'slipway push', samples }]))
  const rates = samples.map(({ wall }) => bytes / 2 ** 20 / wall)
  print(`\n${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)} MiB/s`)
}
