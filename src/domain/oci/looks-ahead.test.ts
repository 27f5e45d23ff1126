import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from './copy.ts'
import { lookAhead } from './looks-ahead.ts'

let scene: RegistryScene

beforeEach(async () => {
  scene = await openRegistryScene()
})
afterEach(() => scene.close())

const looked = (): number => scene.registry.log.filter((line) => line.startsWith('HEAD /v2/team/app/blobs')).length

it('a push does not ask again what was asked ahead', async () => {
  const { layout, repository } = scene
  const { digest } = (await writeImage(layout)).descriptor
  using looks = await lookAhead(layout, digest, repository)
  expect(await Promise.all(looks.there.values())).toEqual([false, false])
  expect((await copyFromLayout(layout, digest, repository, { looks })).blobs.uploaded).toBe(2)
  expect(looked()).toBe(4)
})

it.each([403, 500, 429])('a push asks for itself where the look ahead was answered with %s', async (status) => {
  const { layout, repository, registry } = scene
  const { digest } = (await writeImage(layout)).descriptor
  await copyFromLayout(layout, digest, repository)
  registry.fail(faults.status(/^HEAD .*blobs/, status, { times: 2 }))
  using looks = await lookAhead(layout, digest, scene.later())
  expect(await Promise.all(looks.there.values())).toEqual([undefined, undefined])
  expect((await copyFromLayout(layout, digest, scene.later(), { looks })).blobs.present).toBe(2)
})

it('what has no answer yet is given up', async () => {
  const { layout, repository, registry } = scene
  const { digest } = (await writeImage(layout)).descriptor
  registry.fail({ name: 'silent', on: { line: /^HEAD .*blobs/ }, action: 'delay', delay: 60_000 })
  const looks = await lookAhead(layout, digest, repository)
  looks[Symbol.dispose]()
  expect(await Promise.all(looks.there.values())).toEqual([undefined, undefined])
})
