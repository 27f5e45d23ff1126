// An image of half a gigabyte from one registry to another, ours beside crane, oras, regctl and skopeo.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startDockerRegistry } from '../test/real/docker-registry.ts'
import { slipway } from './builders.ts'
import { writeCorpus } from './corpus.ts'
import type { Options } from './images.ts'
import { type Command, measure, prepare, type Sample } from './measure.ts'
import { print, table } from './table.ts'

interface Copier {
  readonly name: string
  commands(from: string, to: string): readonly Command[]
}

/** Five layers of about 100 MB that do not compress, so that nothing but the copy is measured. */
export async function benchCopies({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'copy')
  const place = (name: string): string => {
    const path = join(work, name)
    mkdirSync(path, { recursive: true })
    return path
  }
  await using source = await startDockerRegistry(place('source'))
  const from = `${source.address}/image:latest`
  await pushSource(place('image'), from)
  const all = copiers(place('run'))
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const samples = new Map(chosen.map(({ name }) => [name, [] as Sample[]]))
  for (let round = 0; round <= rounds; round++) {
    // There and back: what one has written goes to the disk while the next begins, and no one follows always the same.
    for (const copier of round % 2 === 0 ? chosen : chosen.toReversed()) {
      const storage = place('target')
      await using target = await startDockerRegistry(storage)
      const sample = await measure(copier.commands(from, `${target.address}/image:latest`))
      if (round > 0) samples.get(copier.name)?.push(sample)
      rmSync(storage, { recursive: true })
    }
  }
  print(`\ncopy between two registries: 500 MB in 5 layers, ${rounds} rounds\n`)
  print(table([...samples].map(([name, values]) => ({ name, samples: values }))))
}

async function pushSource(folder: string, reference: string): Promise<void> {
  for (let layer = 0; layer < 5; layer++)
    writeCorpus(join(folder, `layer-${layer}`), { name: '', files: 20, bytes: 100e6, seed: layer + 1 })
  const layers = Array.from({ length: 5 }, (_, layer) => ['--layers', `layer-${layer}:/layer-${layer}`]).flat()
  const [image = '', tag = ''] = [reference.slice(0, reference.lastIndexOf(':')), 'latest']
  await prepare(slipway(folder, 'build', '--base', 'scratch', '--entrypoint', '["/none"]', '--compression', 'none', ...layers))
  await prepare(slipway(folder, 'push', '--image', image, '--tags', tag))
}

function copiers(work: string): readonly Copier[] {
  const regctl = { REGCTL_CONFIG: join(work, 'regctl.json') }
  return [
    {
      name: 'slipway promote',
      commands: (from, to) => [slipway(work, 'promote', '--from', from, '--to', to.slice(0, to.lastIndexOf(':')), '--tags', 'latest')],
    },
    { name: 'crane copy', commands: (from, to) => [{ argv: ['crane', 'copy', '--insecure', from, to] }] },
    { name: 'oras copy', commands: (from, to) => [{ argv: ['oras', 'copy', '--from-plain-http', '--to-plain-http', from, to] }] },
    {
      name: 'regctl image copy',
      commands: (from, to) => [
        ...[from, to].map((side) => ({
          argv: ['regctl', 'registry', 'set', side.slice(0, side.indexOf('/')), '--tls', 'disabled', '--skip-check'],
          env: regctl,
        })),
        { argv: ['regctl', 'image', 'copy', from, to], env: regctl },
      ],
    },
    {
      name: 'skopeo copy',
      commands: (from, to) => [
        { argv: ['skopeo', 'copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${from}`, `docker://${to}`] },
      ],
    },
  ]
}
