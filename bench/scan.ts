// An SBOM of 5,000 packages looked up in a database of the true size and shape: ours beside osv-scanner on the same files.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf, set, writeAdvisories } from './advisory-set.ts'
import { slipway } from './builders.ts'
import type { Options } from './images.ts'
import { type Command, measure, type Sample } from './measure.ts'
import { print, table } from './table.ts'

/** How many packages of each ecosystem the image has, and how a package URL names them. */
const packages = {
  npm: [3000, (name: string) => `pkg:npm/${name}@1.2.3`],
  Debian: [450, (name: string) => `pkg:deb/debian/${name}@1.2.3-1?arch=amd64&distro=debian-12`],
  PyPI: [700, (name: string) => `pkg:pypi/${name}@1.2.3`],
  Maven: [450, (name: string) => `pkg:maven/${name.replace(':', '/')}@1.2.3`],
  Go: [400, (name: string) => `pkg:golang/${name}@v1.2.3`],
} as const satisfies Readonly<Record<(typeof set)[number]['name'], readonly [number, (name: string) => string]>>

/** What is found is no failure here. */
const policy = 'fail-on: none\nunknown-severity: pass\nundetermined: pass\nunscannable: pass\nmax-database-age: 3650d\n'

export async function benchScan({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'scan')
  mkdirSync(work, { recursive: true })
  const { records, bytes } = writeAdvisories(join(work, 'osv-scanner'))
  writeFileSync(join(work, 'bom.cdx.json'), sbom())
  writeFileSync(join(work, 'policy.yaml'), policy)
  const tools = [
    { name: 'slipway scan', command: ours(work) },
    { name: 'osv-scanner', command: theirs(work) },
  ].filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const samples = new Map<string, Sample[]>(tools.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, command } of tools) {
      const sample = await measure([command])
      if (round > 0) samples.get(name)?.push(sample)
    }
  }
  print(`\n5,000 packages in ${records} records of ${set.length} ecosystems, ${Math.round(bytes / 1e6)} MB as archives, ${rounds} rounds\n`)
  print(table([...samples].map(([name, all]) => ({ name, samples: all }))))
}

function ours(work: string): Command {
  const digest = `sha256:${'0'.repeat(64)}`
  return slipway(work, ...['scan', '--sbom', 'bom.cdx.json', '--digest', digest, '--database', 'osv-scanner', '--policy', 'policy.yaml'])
}

/** It ends with 1 when it has found something. */
function theirs(work: string): Command {
  const line = 'osv-scanner scan source --offline --format=json --all-packages -L bom.cdx.json --output out.json || [ $? = 1 ]'
  return { argv: ['sh', '-c', line], cwd: work, env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: work } }
}

function sbom(): string {
  const components = set.flatMap(({ name: ecosystem }) => {
    const [count, purlOf] = packages[ecosystem]
    return Array.from({ length: count }, (_, at) => {
      const name = nameOf(ecosystem, at)
      return { type: 'library', name, version: '1.2.3', purl: purlOf(name) }
    })
  })
  return JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components })
}
