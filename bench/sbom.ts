// The SBOM of an image of 1 GB from its layout: ours beside syft and trivy, each as a whole process.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLayout } from '../src/domain/oci/layout.ts'
import { writeImage } from '../test/fakes/image.ts'
import { slipway } from './builders.ts'
import type { Options } from './images.ts'
import { type Command, measure, type Sample } from './measure.ts'
import { print, table } from './table.ts'

interface Tool {
  readonly name: string
  readonly command: Command
  /** What a run before has left that would spare it the work. */
  readonly forget?: () => void
}

interface Image {
  readonly layout: string
  readonly digest: string
  /** Of all layers, unpacked. */
  readonly bytes: number
}

const programs = ['syft', 'trivy', 'grype', 'helm', 'kubectl', 'kubelet', 'kube-apiserver', 'argocd', 'osv-scanner']

/** Layers of this machine's system, of the packages of npm of this repository, and of the lab's programs of Go; all unchanged in each round. */
export async function benchSbom({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'sbom')
  mkdirSync(work, { recursive: true })
  const { layout, digest, bytes } = await imageIn(work)
  const tools = toolsFor({ layout, digest }, work).filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const samples = new Map<string, Sample[]>(tools.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, command, forget } of tools) {
      forget?.()
      const sample = await measure([command])
      if (round > 0) samples.get(name)?.push(sample)
    }
  }
  print(`\nSBOM of an image of ${Math.round(bytes / 1e6)} MB unpacked, ${rounds} rounds\n`)
  print(table([...samples].map(([name, one]) => ({ name, samples: one }))))
}

async function imageIn(work: string): Promise<Image> {
  const repository = dirname(import.meta.dirname)
  const paths = programs.map((program) =>
    execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' })
      .trim()
      .replace(/^\/+/, ''),
  )
  const parts: readonly (readonly [from: string, paths: readonly string[]])[] = [
    [
      '/',
      [
        'etc/os-release',
        'etc/debian_version',
        'usr/lib/os-release',
        'var/lib/dpkg/status',
        'usr/share/doc',
        'usr/lib/x86_64-linux-gnu/perl-base',
      ],
    ],
    [repository, ['node_modules']],
    ['/', paths],
  ]
  const layout = await createLayout(join(work, 'layout'))
  let bytes = 0
  const layers = parts.map(([from, files], index) => {
    const file = join(work, `${index}.tar`)
    execFileSync('tar', ['--create', '--file', file, '--directory', from, '--ignore-failed-read', ...files], { stdio: 'ignore' })
    bytes += statSync(file).size
    execFileSync('gzip', ['--fast', file])
    const packed = execFileSync('cat', [`${file}.gz`], { maxBuffer: 2 ** 31 })
    rmSync(`${file}.gz`)
    return packed
  })
  const { descriptor } = await writeImage(layout, layers)
  return { layout: layout.folder, digest: descriptor.digest, bytes }
}

function toolsFor({ layout, digest }: Pick<Image, 'layout' | 'digest'>, work: string): readonly Tool[] {
  const cache = join(work, 'trivy')
  javaDatabase(cache)
  const trivy = ['--quiet', '--format=cyclonedx', '--offline-scan', '--skip-db-update', '--skip-java-db-update', `--cache-dir=${cache}`]
  return [
    { name: 'slipway sbom', command: slipway(work, 'sbom', '--layout', 'layout', '--digest', digest, '--unscannable', 'warn') },
    { name: 'syft', command: { argv: ['syft', '--quiet', `oci-dir:${layout}`, '--output', `cyclonedx-json=${join(work, 'syft.json')}`] } },
    {
      name: 'trivy',
      command: { argv: ['trivy', 'image', ...trivy, '--input', layout, '--output', join(work, 'trivy.json')] },
      // It keeps what a layer had: then there is nothing to measure.
      forget: () => rmSync(join(cache, 'fanal'), { recursive: true, force: true }),
    },
  ]
}

/** Trivy asks for one, also where nobody has it. */
function javaDatabase(cache: string): void {
  const folder = join(cache, 'java-db')
  mkdirSync(folder, { recursive: true })
  const day = (year: number): string => `${year}-01-01T00:00:00Z`
  const metadata = { Version: 1, NextUpdate: day(2099), UpdatedAt: day(2026), DownloadedAt: day(2026) }
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata))
  using database = new DatabaseSync(join(folder, 'trivy-java.db'))
  database.exec(`CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
    CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT, license TEXT);`)
}
