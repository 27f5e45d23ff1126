import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { cycloneDxFaults, spdxFaults } from '../../domain/sbom/schema.fake.ts'
import { application, sbom, system } from './sbom.fake.ts'

const image = [system, application('1')]

describe('formats', () => {
  test('are written beside each other, valid each, and recorded each', async () => {
    const { failure, record, read, headline, outputs } = await sbom(image, { format: 'cyclonedx-1.6, cyclonedx-1.7, spdx-2.3, spdx-2.3' })
    expect(failure).toBeUndefined()
    const paths = ['linux-amd64.cdx.json', 'linux-amd64.v1.7.cdx.json', 'linux-amd64.spdx.json'].map((name) => `.slipway/sbom/${name}`)
    expect(record.sboms?.map(({ format, path, file }) => [format, path, file === sha256(read(path))])).toEqual([
      ['cyclonedx-1.6', paths[0], true],
      ['cyclonedx-1.7', paths[1], true],
      ['spdx-2.3', paths[2], true],
    ])
    const [old, current, spdx] = paths.map((path) => JSON.parse(read(path)))
    expect([cycloneDxFaults(old), cycloneDxFaults(current), spdxFaults(spdx)]).toEqual([[], [], []])
    expect([old.specVersion, current.specVersion]).toEqual(['1.6', '1.7'])
    expect(headline).toBe('2 packages · CycloneDX 1.6 and CycloneDX 1.7 and SPDX 2.3')
    expect(outputs.get('sbom')).toBe('.slipway/sbom/SHA256SUMS')
  })

  test('that are not known are refused with what was meant, before anything is read', async () => {
    const { failure } = await sbom(image, { format: 'spdx-2.4' })
    expect(failure).toMatchObject({ code: 'SW-INPUT-INVALID', message: expect.stringContaining('did you mean spdx-2.3?') })
  })

  test('have the hashes of the image, and the address it will have', async () => {
    const { record, read } = await sbom(image, { image: 'r.example.com/team/app' })
    const { component } = JSON.parse(read('.slipway/sbom/linux-amd64.cdx.json')).metadata
    const digest = record.subject?.digest ?? ''
    expect(component.hashes).toEqual([
      { alg: 'SHA-256', content: digest.slice(7) },
      { alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) },
    ])
    expect(component.externalReferences[0].url).toBe(`oci://r.example.com/team/app@${digest}`)
  })
})

describe('who answers for it', () => {
  const acme = { repository: 'https://github.com/acme/app' }
  test.each<[string, Readonly<Record<string, string>>, object, unknown]>([
    ['is the owner of the repository', {}, { source: acme }, { name: 'acme', url: ['https://github.com/acme'] }],
    [
      'is who the input says',
      { author: 'Acme <a@acme.example>' },
      { source: acme },
      { name: 'Acme', contact: [{ email: 'a@acme.example' }] },
    ],
    ['is not known without either', {}, {}, undefined],
    ['is not the host alone', {}, { source: { repository: 'https://git.example.com/app' } }, undefined],
  ])('%s', async (_, inputs, ports, expected) => {
    const { read } = await sbom(image, inputs, ports)
    const { metadata } = JSON.parse(read('.slipway/sbom/linux-amd64.cdx.json'))
    expect(metadata.manufacturer).toEqual(expected)
    expect(metadata.properties).toEqual(expected === undefined ? [{ name: 'slipway:unknown', value: 'author' }] : [])
  })
})

describe('profiles', () => {
  test('that are passed are told in the outputs, the headline and the report', async () => {
    const { failure, outputs, headline, files, summary } = await sbom('index', { check: 'cisa-2026', format: 'cyclonedx-1.6,spdx-2.3' })
    expect(failure).toBeUndefined()
    expect(outputs.get('verdict')).toBe('pass')
    expect(headline).toContain('· CISA 2026 Minimum Elements 100 %')
    const { verdict, checks } = JSON.parse(files?.get('report') ?? '')
    expect([verdict, checks.length, checks[0].fields.length]).toEqual(['pass', 4, 17])
    expect(summary.filter(({ kind }) => kind === 'table')).toHaveLength(5)
  })

  test('that are not passed fail the task, which tells all and records nothing', async () => {
    const hostile = { 'app/package.json': JSON.stringify({ name: 'x\n::error::', version: '1' }) }
    const { failure, outputs, files, record, lines } = await sbom([system, hostile], { check: 'bsi-2.1' })
    expect(failure).toMatchObject({
      code: 'SW-SBOM-PROFILE',
      exit: 3,
      message: expect.stringMatching(/^\.slipway\/sbom\/linux-amd64\.cdx\.json has \d+(\.\d)? % of what BSI .* lacks .* and \d+ more\.$/),
    })
    expect(outputs.get('verdict')).toBe('fail')
    expect(JSON.parse(files?.get('report') ?? '').verdict).toBe('fail')
    expect(record.sboms).toEqual([])
    const [told = ''] = lines.filter((line) => line.includes('Filename of the component: 0 of'))
    expect(told).toMatch(/^untrusted /)
    expect(lines.filter((line) => !line.startsWith('untrusted') && line.includes('::error'))).toEqual([])
  })

  test('that are not passed are told where that is enough', async () => {
    const { failure, outputs, lines, record } = await sbom(image, { check: 'bsi-2.1', 'check-on-fail': 'warn' })
    expect(failure).toBeUndefined()
    expect(outputs.get('verdict')).toBe('fail')
    expect(lines.some((line) => line.startsWith('warn an SBOM does not have'))).toBe(true)
    expect(record.sboms).toHaveLength(1)
  })

  test('that are not known are refused', async () => {
    expect((await sbom(image, { check: 'cisa-2025' })).failure).toMatchObject({ code: 'SW-INPUT-INVALID' })
  })
})
