/** A Debian system made by debootstrap, as an image: its packages by us, dpkg-query, syft and trivy. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { openBlob } from '../../src/domain/oci/layout-blobs.ts'
import { inventoryOf } from '../../src/domain/packages/inventory.ts'
import type { Inventory } from '../../src/domain/packages/package.ts'
import { writeImage } from '../fakes/image.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'
import { type Listed, ours, type Peer, theirs } from './peers.ts'

const mirror = 'http://deb.debian.org/debian'
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('debootstrap')).path
const root = join(folder, 'root')
let layout: string
let inventory: Inventory

beforeAll(async () => {
  await output(['debootstrap', '--variant=minbase', 'bookworm', root, mirror])
  const opened = await createLayout(join(folder, 'layout'))
  const layer = execFileSync('tar', ['-C', root, '--create', '--gzip', '--exclude=./dev/*', '.'], { maxBuffer: 2 ** 30 })
  const { content } = await writeImage(opened, [layer])
  if (content.kind !== 'manifest') throw new Error('an index was written')
  layout = opened.folder
  inventory = await inventoryOf(content.manifest, (one) => openBlob(opened, one))
}, 600_000)
afterAll(() => stack.disposeAsync())

it('is read whole', () => {
  expect([inventory.distro, inventory.unscannable]).toEqual([expect.objectContaining({ id: 'debian', version: '12' }), []])
  expect(inventory.packages.every(({ locations }) => locations.every(({ layer }) => layer !== undefined))).toBe(true)
})

it('has the packages of dpkg-query, with their sources', async () => {
  const fields = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version'].map((field) => `\${${field}}`).join(' ')
  const listed = (await output(['dpkg-query', `--admindir=${join(root, 'var/lib/dpkg')}`, '-W', '-f', `${fields}\n`])).trim().split('\n')
  const found = inventory.packages.map(({ name, version, arch, source = { name, version } }) =>
    [name, version, arch, source.name, source.version].join(' '),
  )
  expect(found.toSorted()).toEqual(listed.toSorted())
})

it.each<Peer>(['syft', 'trivy'])(
  'has the packages of %s',
  async (peer) => {
    const listed: Listed = await theirs(peer, { layout }, join(folder, 'trivy'))
    expect(ours(inventory)).toEqual(listed)
  },
  300_000,
)
