import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { cycloneDxFaults, spdxFaults } from '../../domain/sbom/schema.fake.ts'
import { execute } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { application, type Prepare, sbom, system } from './sbom.fake.ts'
import { task } from './task.ts'

const image = [system, application('1')]
const real = (name: string): string => readFileSync(new URL(`../../domain/sbom/read/fixtures/${name}`, import.meta.url), 'utf8')
/** The documents were made of another image: here they are of the one in hand, by the digest that they name it with. */
const syftDigest = 'sha256:2018146bd4472693b90c43ece2fe10ed0e7e9714a6acc4a4a3aedd210ad4e604'
const trivyConfig = /sha256:[0-9a-f]{64}(?="\s*\},\s*\{\s*"name": "aquasecurity:trivy:SchemaVersion")/
const syft: Prepare = ({ digest, write }) => {
  for (const name of ['syft.cdx.json', 'syft.spdx.json'])
    write(name, real(name).replaceAll(syftDigest, digest).replaceAll(syftDigest.slice(7), digest.slice(7)))
}
const component = (more: object): string =>
  JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { type: 'container', name: 'app', ...more } } })

describe('the SBOM of another program', () => {
  test.each([
    ['syft.cdx.json', 'cyclonedx-1.6', '.slipway/sbom/linux-amd64.cdx.json'],
    ['syft.spdx.json', 'spdx-2.3', '.slipway/sbom/linux-amd64.spdx.json'],
  ])('%s is recorded as it is, byte for byte, for the image that it names', async (from, format, path) => {
    const { failure, record, read, lines, headline } = await sbom(image, { from }, { prepare: syft })
    expect(failure).toBeUndefined()
    expect(read(path)).toBe(read(from))
    expect(record.sboms).toEqual([
      { subject: record.subject?.digest, platform: 'linux/amd64', format, path, file: sha256(read(from)), packages: 6 },
    ])
    expect(lines.filter((line) => line.includes('does not say which image'))).toEqual([])
    expect(headline).toMatch(/^6 packages · (CycloneDX 1\.6|SPDX 2\.3)$/)
  })

  test('is written again in the formats that are asked for, with what its maker knew', async () => {
    const format = 'cyclonedx-1.7, spdx-2.3'
    const { failure, read } = await sbom(image, { from: 'syft.cdx.json', format }, { prepare: syft })
    expect(failure).toBeUndefined()
    const [cdx, spdx] = ['v1.7.cdx.json', 'spdx.json'].map((ending) => JSON.parse(read(`.slipway/sbom/linux-amd64.${ending}`)))
    expect([cycloneDxFaults(cdx), spdxFaults(spdx)]).toEqual([[], []])
    expect(cdx.metadata.tools.components.map(({ name }: { name: string }) => name)).toEqual(['syft', 'slipway'])
    const six = cdx.components.find(({ name }: { name: string }) => name === 'six')
    expect(six).toMatchObject({ manufacturer: { name: 'Benjamin Peterson' }, licenses: [{ license: { name: 'Beerware, revision 42' } }] })
    expect(spdx.packages.find(({ name }: { name: string }) => name === 'base-files').originator).toBe(
      'Organization: Santiago Vila (sanvila@debian.org)',
    )
  })

  test('is found to be of the image by its configuration, as Trivy names it', async () => {
    const prepare: Prepare = ({ config, write }) => write('trivy.cdx.json', real('trivy.cdx.json').replace(trivyConfig, config))
    const { failure, record, lines } = await sbom(image, { from: 'trivy.cdx.json' }, { prepare })
    expect(failure).toBeUndefined()
    expect(record.sboms?.[0]?.subject).toBe(record.subject?.digest)
    expect(lines.filter((line) => line.includes('does not say which image'))).toEqual([])
  })

  test.each([
    ['its version', { version: syftDigest }],
    ['its package URL', { purl: `pkg:oci/app@${syftDigest}` }],
    ['its hash', { hashes: [{ alg: 'SHA-256', content: syftDigest.slice(7) }] }],
    ['a property', { properties: [{ name: 'aquasecurity:trivy:RepoDigest', value: `r/app@${syftDigest}` }] }],
  ])('that names another image by %s is refused, and nothing is written', async (_, more) => {
    const { failure, record, read } = await sbom(image, { from: 'x.json' }, { prepare: ({ write }) => write('x.json', component(more)) })
    expect(failure).toMatchObject({ code: 'SW-SBOM-SUBJECT', exit: 2, message: expect.stringContaining(syftDigest) })
    expect(record.sboms).toBeUndefined()
    expect(() => read('.slipway/sbom/linux-amd64.cdx.json')).toThrow()
  })

  test('that names no image is taken for that of the one in hand, and the log says so', async () => {
    const prepare: Prepare = ({ write }) => write('x\n::error::.json', component({ version: '1.0' }))
    const { record, lines } = await sbom(image, { from: 'x\n::error::.json' }, { prepare })
    expect(record.sboms).toMatchObject([{ subject: record.subject?.digest, platform: 'linux/amd64', format: 'cyclonedx-1.5' }])
    expect(record.sboms?.[0]?.path).toBe('.slipway/sbom/linux-amd64.v1.5.cdx.json')
    expect(lines.filter((line) => line.startsWith('warn the SBOM does not say which image it is of'))).toHaveLength(1)
  })

  test('of an index may be of one platform, or of all', async () => {
    const prepare: Prepare = ({ digest, write }) => write('x.json', component({ version: digest }))
    const { record } = await sbom('index', { from: 'x.json' }, { prepare })
    expect(record.sboms).toMatchObject([{ subject: record.subject?.digest, platform: 'all' }])
  })

  test('without an image is checked, and not recorded', async () => {
    const { failure, record, outputs, headline } = await sbom(
      'nothing',
      { from: 'syft.spdx.json', check: 'cisa-2026', 'check-on-fail': 'warn' },
      { prepare: ({ write }) => write('syft.spdx.json', real('syft.spdx.json')) },
    )
    expect(failure).toBeUndefined()
    expect(record.sboms).toEqual([])
    expect(outputs.get('sbom')).toBe('.slipway/sbom/syft.spdx.json')
    expect(outputs.get('verdict')).toBe('fail')
    expect(headline).toBe('6 packages · SPDX 2.3 · CISA 2026 Minimum Elements 77.6 %')
  })

  test.each([
    ['none', 'SW-SBOM-MALFORMED'],
    [`{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"components":'.repeat(200_000)}`, 'SW-SBOM-MALFORMED'],
    ['{"bomFormat":"CycloneDX","specVersion":"../../../x"}', 'SW-SBOM-MALFORMED'],
  ])('that is none is refused: %#', async (text, code) => {
    expect((await sbom(image, { from: 'x' }, { prepare: ({ write }) => write('x', text) })).failure).toMatchObject({ code })
  })
})

describe('a source tree', () => {
  test('is listed by its lock files, valid, and not recorded as that of an image', async () => {
    const { ports } = fakePorts({ source: { repository: 'https://github.com/Acme/App.git', commit: 'a'.repeat(40) } })
    const folder = join(ports.files.workspace, 'src')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{"name":"app","version":"1.0.0","dependencies":{"b":"^1.0.0"}}')
    const packages = {
      '': { name: 'app', version: '1.0.0', dependencies: { b: '^1.0.0' } },
      'node_modules/b': { version: '1.2.3', license: 'MIT' },
    }
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'app', version: '1.0.0', lockfileVersion: 3, packages }))
    const { failure, record, outputs } = await execute(
      { definition: task, load: () => Promise.resolve(run) },
      {
        inputs: new Map([
          ['source', 'src'],
          ['format', 'cyclonedx-1.6,spdx-2.3'],
          ['check', 'cisa-2026'],
        ]),
        record: emptyRecord,
        ports,
      },
    )
    expect(failure).toBeUndefined()
    expect(record.sboms).toEqual([])
    expect(outputs.get('verdict')).toBe('pass')
    const [cdx, spdx] = ['cdx', 'spdx'].map((kind) =>
      JSON.parse(readFileSync(join(ports.files.workspace, `.slipway/sbom/source.${kind}.json`), 'utf8')),
    )
    expect([cycloneDxFaults(cdx), spdxFaults(spdx)]).toEqual([[], []])
    expect(cdx.metadata).toMatchObject({
      lifecycles: [{ phase: 'pre-build' }],
      component: { type: 'application', name: 'App', purl: `pkg:github/acme/app@${'a'.repeat(40)}` },
    })
    expect(cdx.components.map(({ purl }: { purl: string }) => purl)).toContain('pkg:npm/b@1.2.3')
  })
})

test('nothing at all is said to be so', async () => {
  expect((await sbom('nothing')).failure).toMatchObject({ code: 'SW-SBOM-NOTHING' })
})
