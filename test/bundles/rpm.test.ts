import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { redHat } from '../scanners/packages-scenes.ts'
import { slipway } from './bundles.ts'
import { workspaceWith } from './workspaces.ts'

test('the bundle reads the database of rpm, with the SQLite of Node', async () => {
  const cwd = workspaceWith({})
  for (const [path, content] of Object.entries(redHat(cwd))) {
    const place = join(cwd, 'app', path)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, content as string | Buffer)
  }
  const build = ['build', '--context', 'app', '--base', 'scratch', '--layers', '.:/', '--entrypoint', '/app/run']
  expect(await slipway(build, { cwd })).toMatchObject({ code: 0 })
  const { code, stderr, stdout } = await slipway(['sbom'], { cwd })
  expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: expect.stringMatching(/packages/) })
})
