/** The packages of images and source trees beside those that syft and trivy find: equal, but for what is explained here one by one. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { version } from '../../src/base/version.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { openBlob } from '../../src/domain/oci/layout-blobs.ts'
import { packLayer } from '../../src/domain/packages/image.fake.ts'
import { inventoryOf } from '../../src/domain/packages/inventory.ts'
import { inventoryOfTree } from '../../src/domain/packages/source/tree.ts'
import { writeImage } from '../fakes/image.ts'
import { repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'
import { alpine, java, python, redHat, rust, suse, trees } from './packages-scenes.ts'
import { type Listed, ours, type Peer, theirs } from './peers.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('peers')).path
afterAll(() => stack.disposeAsync())

const tar = (from: string, files: readonly string[]): Buffer =>
  execFileSync('tar', ['-C', from, '-czf', '-', '--files-from', '-'], { input: files.join('\n'), maxBuffer: 2 ** 30 })

async function lines(argv: readonly string[], cwd = '/'): Promise<readonly string[]> {
  return (await output(argv, { cwd })).trim().split('\n')
}

/** This machine's system, the files of npm's packages of this repository, a program of Go; the others are written here. */
const images: Readonly<Record<string, () => Promise<readonly Buffer[]>>> = {
  debian: async () => [tar('/', ['etc/os-release', 'etc/debian_version', 'usr/lib/os-release', 'var/lib/dpkg/status'])],
  npm: async () => [tar(repository, await lines(['find', 'node_modules', '-name', 'package.json', '-type', 'f'], repository))],
  go: async () => [
    tar(
      '/',
      (await lines(['sh', '-c', 'command -v crane regctl'])).map((path) => path.slice(1)),
    ),
  ],
  alpine: async () => [await packLayer(alpine)],
  'red hat': async () => [await packLayer(redHat(folder))],
  suse: async () => [await packLayer(suse)],
  python: async () => [await packLayer(python)],
  rust: async () => [await packLayer(rust)],
  java: async () => [await packLayer(java)],
}

interface Difference {
  readonly where: string
  readonly peer: Peer
  readonly whose: 'ours' | 'theirs'
  readonly what: string
  readonly why: string
}

const itself = 'the project is what the list is about, not a package that it needs'
const vendor =
  'the namespace is the ID of os-release, as syft has it and the purl specification asks for the vendor; trivy names the company'

/** What is not the same, one by one; an entry that is not needed any more fails too. */
const explained: readonly Difference[] = [
  {
    ...{ where: 'go', peer: 'syft', whose: 'theirs', what: 'golang github.com/google/go-containerregistry' },
    why: 'Debian builds crane without modules: its build information has the path of a package, and no module',
  },
  {
    ...{ where: 'java', peer: 'trivy', whose: 'ours', what: 'maven org.springframework/spring-core 6.2.1' },
    why: 'an archive without pom.properties is looked up by its hash in a database of Aqua, which is not to be had here',
  },
  ...['alpha 1.2-3.sle', 'beta 1.2-3.sle'].flatMap((one): readonly Difference[] => [
    { where: 'suse', peer: 'trivy', whose: 'ours', what: `rpm sles/${one}`, why: vendor },
    { where: 'suse', peer: 'trivy', whose: 'theirs', what: `rpm suse/${one}`, why: vendor },
  ]),
  { where: 'package-lock.json', peer: 'syft', whose: 'theirs', what: `npm slipway ${version}`, why: itself },
  { where: 'yarn.lock', peer: 'trivy', whose: 'theirs', what: 'npm app', why: itself },
  { where: 'go.mod', peer: 'trivy', whose: 'theirs', what: 'golang example.com/app', why: itself },
  { where: 'Cargo.lock', peer: 'syft', whose: 'theirs', what: 'cargo app 0.1.0', why: itself },
  { where: 'Cargo.lock', peer: 'trivy', whose: 'theirs', what: 'cargo app 0.1.0', why: itself },
]

function differences(where: string, peer: Peer, lists: { readonly ours: Listed; readonly theirs: Listed }): readonly string[] {
  const [mine, other] = [new Set(lists.ours), new Set(lists.theirs)]
  return [
    ...lists.ours.filter((one) => !other.has(one)).map((one) => `${where}, ${peer}: ours alone ${one}`),
    ...lists.theirs.filter((one) => !mine.has(one)).map((one) => `${where}, ${peer}: theirs alone ${one}`),
  ]
}

function expectedIn(where: string): readonly string[] {
  return explained.filter((one) => one.where === where).map(({ peer, whose, what }) => `${where}, ${peer}: ${whose} alone ${what}`)
}

describe('packages of images', () => {
  it.each(Object.keys(images))(
    '%s',
    async (name) => {
      const layout = await createLayout(join(folder, name.replace(' ', '-')))
      const { content } = await writeImage(layout, (await images[name]?.()) ?? [])
      if (content.kind !== 'manifest') throw new Error('an index was written')
      const inventory = await inventoryOf(content.manifest, (layer) => openBlob(layout, layer))
      expect(inventory.unscannable).toEqual([])
      expect(inventory.packages.length).toBeGreaterThan(0)
      const cache = join(folder, 'trivy')
      const [syft, trivy] = [
        await theirs('syft', { layout: layout.folder }, cache),
        await theirs('trivy', { layout: layout.folder }, cache),
      ]
      const found = (['syft', 'trivy'] as const).flatMap((peer) =>
        differences(name, peer, { ours: ours(inventory), theirs: peer === 'syft' ? syft : trivy }),
      )
      expect(found.toSorted()).toEqual(expectedIn(name).toSorted())
    },
    300_000,
  )
})

describe('packages of source trees', () => {
  it.each(['package-lock.json', ...Object.keys(trees)])(
    '%s',
    async (name) => {
      const tree = join(folder, 'trees', name)
      mkdirSync(tree, { recursive: true })
      if (name === 'package-lock.json') copyFileSync(join(repository, name), join(tree, name))
      for (const [path, content] of Object.entries(trees[name] ?? {})) writeFileSync(join(tree, path), content)
      const inventory = await inventoryOfTree(tree)
      expect(inventory.packages.length).toBeGreaterThan(0)
      const cache = join(folder, 'trivy')
      const found: string[] = []
      for (const peer of ['syft', 'trivy'] as const)
        found.push(...differences(name, peer, { ours: ours(inventory), theirs: await theirs(peer, { tree }, cache) }))
      expect(found.toSorted()).toEqual(expectedIn(name).toSorted())
    },
    300_000,
  )
})
