// Build and push of one folder, ours beside what a user would take instead: cold, unchanged, one line changed.
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startDockerRegistry } from '../test/real/docker-registry.ts'
import { builders } from './builders.ts'
import { type Corpus, changedFile, writeCorpus } from './corpus.ts'
import { measure, type Sample } from './measure.ts'
import { print, type Series, table } from './table.ts'

const situations = ['cold', 'unchanged', 'one line'] as const

export interface Options {
  /** A folder to work in. */
  readonly folder: string
  /** Counted rounds; one more goes before to warm up. */
  readonly rounds: number
  /** Only the builders whose name contains one of these; all when empty. */
  readonly only: readonly string[]
}

/** In each round every builder has its turn in each situation, so that whatever else the machine does meets all of them. */
export async function benchImages(corpus: Corpus, { folder, rounds, only }: Options): Promise<void> {
  const context = join(folder, corpus.name, 'app')
  mkdirSync(context, { recursive: true })
  writeCorpus(context, corpus)
  const all = builders({ context, work: join(folder, corpus.name, 'work') })
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const samples = new Map<string, Sample[]>()
  const sizes = new Map<string, number>()
  for (let round = 0; round <= rounds; round++) {
    const storage = join(folder, 'registry')
    mkdirSync(storage, { recursive: true })
    await using registry = await startDockerRegistry(storage)
    const reference = (name: string): string => `${registry.address}/${name.replaceAll(/\W+/g, '-')}:latest`
    for (const situation of situations) {
      for (const builder of chosen) {
        if (situation === 'cold') await builder.reset()
        // A line for each: some share the cache of one daemon.
        if (situation === 'one line') appendFileSync(join(context, changedFile), `// ${builder.name}, round ${round}\n`)
        const sample = await measure(builder.commands(reference(builder.name)), builder.daemons)
        if (round > 0) add(samples, `${situation}\0${builder.name}`, sample)
        sizes.set(builder.name, await layerBytes(registry.address, reference(builder.name)))
      }
    }
    rmSync(storage, { recursive: true })
  }
  for (const situation of situations) {
    const series = chosen.map(
      ({ name }): Series => ({ name, samples: samples.get(`${situation}\0${name}`) ?? [], note: megabytes(sizes.get(name)) }),
    )
    print(`\n${corpus.name}, ${situation}: ${corpus.files} files, ${corpus.bytes / 1e6} MB, ${rounds} rounds\n`)
    print(table(series, 'image'))
  }
}

async function layerBytes(registry: string, reference: string): Promise<number> {
  const name = reference.slice(registry.length + 1, reference.lastIndexOf(':'))
  const accept = {
    accept:
      'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json',
  }
  const read = async (tag: string): Promise<{ layers?: { size: number }[]; manifests?: { digest: string }[] }> =>
    JSON.parse(await (await fetch(`http://${registry}/v2/${name}/manifests/${tag}`, { headers: accept })).text())
  const top = await read('latest')
  const manifest = top.manifests?.[0] === undefined ? top : await read(top.manifests[0].digest)
  return (manifest.layers ?? []).reduce((sum, { size }) => sum + size, 0)
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`
}

function add(samples: Map<string, Sample[]>, key: string, sample: Sample): void {
  samples.set(key, [...(samples.get(key) ?? []), sample])
}
