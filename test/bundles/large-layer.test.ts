import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { decompress } from '../../src/io/decompress.ts'
import { slipway } from './bundles.ts'
import { noise, workspaceWith } from './workspaces.ts'

/** More than from which on a thread of its own hashes, and mostly what compresses in no time. */
const content = noise(1_000_000).repeat(70)

interface Manifest {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly digest: string }[]
}

it.each(['gzip', 'zstd', 'none'] as const)('a layer of 70 MB has the diffID of its bytes, whatever hashed them: %s', async (algorithm) => {
  const cwd = workspaceWith({ 'app/run': content })
  const argv = [
    'build',
    '--context',
    'app',
    '--base',
    'scratch',
    '--plan',
    'folder',
    '--entrypoint',
    '/app/run',
    '--compression',
    algorithm,
  ]
  expect(await slipway(argv, { cwd })).toMatchObject({ code: 0 })
  const layout = join(cwd, '.slipway/layout')
  const pathOf = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const { config, layers }: Manifest = read(pathOf(read(join(layout, 'index.json')).manifests[0].digest))
  const hash = createHash('sha256')
  for await (const piece of decompress(createReadStream(pathOf(layers[0]?.digest ?? '')), algorithm)) hash.update(piece)
  expect(read(pathOf(config.digest)).rootfs.diff_ids).toEqual([`sha256:${hash.digest('hex')}`])
})
