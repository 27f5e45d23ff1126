/** The file of the guide, as it stands there, against the fake: what is shown can be used. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from '@jest/globals'
import { doneOf, linesOf, projectScene } from '../../src/domain/harbor/project/scene.fake.ts'
import { addUser } from '../fakes/harbor/state.ts'

const guide = readFileSync(join(dirname(dirname(import.meta.dirname)), 'docs', 'guides', 'harbor-projects.md'), 'utf8')
const { scene, plan, apply, project } = projectScene()
const secrets = new Map([
  ['HUB', 'hub-s3cret'],
  ['CI', 'ci-s3cret'],
])

it('makes what it says, and finds nothing to change then', async () => {
  for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
  const [, file = ''] = /```yaml\n(# harbor\.yaml\n.*?)```/s.exec(guide) ?? []
  const done = doneOf(await apply(file, { secrets }))
  expect(done.length).toBeGreaterThan(20)
  expect(project('shop').metadata.get('enable_content_trust_cosign')).toBe('true')
  expect(project('hub-cache').registry).toBe(1)
  expect(linesOf(await plan(file, { secrets }))).toEqual([])
})
