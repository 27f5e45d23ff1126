import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from '../../domain/oci/copy-from-layout.ts'
import { packLayer } from '../../domain/packages/image.fake.ts'
import { advisory, npm, type Scanned, type Scene, scan } from './scene.fake.ts'

const [old, app] = [npm(['lodash', '4.17.20'], ['left', '1.0.0']), npm(['minimist', '1.2.5'])]
const names = ['lodash', 'left', 'minimist']
const scene: Scene = { layers: [old, app], advisories: names.map((name, at) => advisory(`CVE-2026-${at}`, name, '9.0.0')) }
const base = { name: 'docker.io/library/node:24.20', layers: 1 }

const lineOf = ({ recorded }: Scanned): string | undefined =>
  recorded.lines.find((line) => line.startsWith('untrusted'))?.match(/^ {2}(.* come from the base.*)$/m)?.[1]

describe('of the findings', () => {
  it('those in the first layers come with the base, which is named', async () => {
    expect(lineOf(await scan({ ...scene, base }))).toBe('2 of 3 come from the base docker.io/library/node:24.20')
  })

  it('nothing is said where nobody has counted the layers of the base', async () => {
    expect(lineOf(await scan(scene))).toBeUndefined()
  })

  it('those that are excused are not counted', async () => {
    const files = { 'e.yaml': 'exceptions:\n  - {id: CVE-2026-0, reason: not reachable, owner: team-shop, expires: 2026-12-01}\n' }
    const seen = await scan({ ...scene, base, files, inputs: { exceptions: 'e.yaml' } })
    expect(lineOf(seen)).toBe('1 of 2 come from the base docker.io/library/node:24.20')
  })
})

describe('another base', () => {
  let registry: RegistryScene
  let name: string

  beforeEach(async () => {
    registry = await openRegistryScene()
    name = `${registry.registry.address}/team/app`
    const { descriptor } = await writeImage(registry.layout, [await packLayer(npm(['lodash', '9.0.0'], ['left', '1.0.0']))])
    await copyFromLayout(registry.layout, descriptor.digest, registry.repository, { tags: ['24.22'] })
    registry.registry.log.length = 0
  })
  afterEach(() => registry.close())

  it('is read at its registry, and looked up in the same advisories', async () => {
    const seen = await scan({ ...scene, base, inputs: { 'base-candidates': `${name}:24.22` }, ports: { http: registry.client.ports.http } })
    expect(lineOf(seen)).toBe(`2 of 3 come from the base docker.io/library/node:24.20; ${name}:24.22 has 1`)
    expect(registry.registry.log.filter((line) => !/^(?:GET|HEAD)/.test(line))).toEqual([])
  })

  it('that is not there is a warning, and changes nothing else', async () => {
    const inputs = { 'base-candidates': `${name}:gone,no reference` }
    const seen = await scan({ ...scene, base, inputs, ports: { http: registry.client.ports.http } })
    expect([lineOf(seen), seen.outputs.get('verdict')]).toEqual(['2 of 3 come from the base docker.io/library/node:24.20', 'fail'])
    expect(seen.recorded.lines.filter((line) => line.startsWith('warn a base image could not be looked into'))).toHaveLength(2)
  })

  it('is asked for nothing where nobody names one', async () => {
    await scan({ ...scene, base, ports: { http: registry.client.ports.http } })
    expect(registry.registry.log).toEqual([])
  })
})
