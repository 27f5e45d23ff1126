import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { tree } from '../build/fixtures/tree.ts'
import { request } from './fixtures/machine.ts'
import { withoutState } from './without-state.ts'

const given = async (files: Readonly<Record<string, string>>, engine: 'buildah' | 'buildx' = 'buildx') => {
  await using folder = await tree({})
  await using context = await tree({ 'app.Dockerfile': 'FROM scratch\n', ...files })
  const asked = { ...request(context.folder), context: context.folder, file: join(context.folder, 'app.Dockerfile') }
  const { file } = await withoutState(asked, engine, folder.folder)
  return file === asked.file ? undefined : { dockerfile: readFileSync(file, 'utf8'), ignored: readFileSync(`${file}.dockerignore`, 'utf8') }
}
const ours = { '.slipway/record.json': '{}' }

it('hands the Dockerfile on as it lies there, where no run has left anything', async () => {
  expect(await given({ '.dockerignore': 'a\n' })).toBeUndefined()
})

it.each([
  ['alone', {}, 'buildx', '\n.slipway\n'],
  ['behind the patterns of the context', { '.dockerignore': '!.slipway' }, 'buildx', '!.slipway\n.slipway\n'],
  ['behind those of the Dockerfile', { 'app.Dockerfile.dockerignore': 'b\n', '.dockerignore': 'a\n' }, 'buildx', 'b\n\n.slipway\n'],
  ['behind those that buildah prefers', { '.containerignore': 'c\n', '.dockerignore': 'a\n' }, 'buildah', 'c\n\n.slipway\n'],
  ['behind those that buildx reads', { '.containerignore': 'c\n', '.dockerignore': 'a\n' }, 'buildx', 'a\n\n.slipway\n'],
] as const)('leaves what runs have left out of the context, %s', async (_, files, engine, ignored) => {
  expect(await given({ ...ours, ...files }, engine)).toEqual({ dockerfile: 'FROM scratch\n', ignored })
})
